// What the tests of data/ share: loading by key, and a corpus as text.
#pragma once

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "temporary_folder.h"

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

inline std::shared_ptr<const TextCorpus> load_text(const std::string& key, const std::map<std::string, Value>& given) {
  const Options options(DatasetRegistry::instance().find(key).spec, given);
  return std::dynamic_pointer_cast<const TextCorpus>(load_dataset(key, options));
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

}  // namespace klbench
