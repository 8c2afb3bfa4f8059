// What the tests of data/ share: a folder for each test, and loading by key.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "data/dataset.h"

namespace klbench {

/// Builds whose speed says something: optimised and without sanitizers.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
inline constexpr bool kTimed = true;
#else
inline constexpr bool kTimed = false;
#endif

/// Seconds of processor time that `action` takes, whatever else the machine does.
template <class Action>
double processor_seconds(Action action) {
  const std::clock_t start = std::clock();
  action();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// A new folder that also holds the caches; removed at the end of the test.
class Scratch {
 public:
  Scratch() {
    static int counter = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("klbench_data." + std::to_string(::getpid()) + "." + std::to_string(counter++));
    std::filesystem::create_directories(folder_);
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  /// Files in the cache of corpora.
  std::vector<std::filesystem::path> cache_files() const {
    std::vector<std::filesystem::path> files;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache/klbench/corpora", none)) {
      files.push_back(entry.path());
    }
    return files;
  }

 private:
  std::filesystem::path folder_;
};

inline std::shared_ptr<const TextCorpus> load_dataset(const std::string& key,
                                                      const std::map<std::string, Value>& given) {
  const auto& registry = DatasetRegistry::instance();
  return registry.load(key, Options(registry.entries().at(key).spec, given));
}

/// The words of sentence `i`, joined by spaces.
inline std::string sentence_text(const TextCorpus& corpus, const Sentences& split, std::int64_t i) {
  std::string text;
  for (auto t = split.offsets[static_cast<std::size_t>(i)]; t < split.offsets[static_cast<std::size_t>(i) + 1]; ++t) {
    if (!text.empty()) text += ' ';
    text += corpus.words.at(static_cast<std::size_t>(split.tokens[static_cast<std::size_t>(t)]));
  }
  return text;
}

inline std::vector<std::string> texts(const TextCorpus& corpus, const Sentences& split) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < split.size(); ++i) all.push_back(sentence_text(corpus, split, i));
  return all;
}

/// The message of the UsageError that `action` throws; empty where it throws none.
template <class Action>
std::string usage_error(Action action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace klbench
