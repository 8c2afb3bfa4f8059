#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/option_spec.h"
#include "core/special_words.h"

namespace klbench {

/// Sentences back to back: sentence i is tokens[offsets[i] .. offsets[i+1]), without start and end symbols.
struct Sentences {
  std::vector<std::int32_t> tokens;
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> labels;  ///< one a sentence, or empty
  std::int64_t size() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  std::int64_t length(std::int64_t i) const {
    const auto k = static_cast<std::size_t>(i);
    return offsets[k + 1] - offsets[k];
  }
};

/// Hash of the words and their order, by which results say that they are about the same sentences.
std::string sentences_hash(const Sentences& sentences);

/// A tokenised corpus.
struct TextCorpus {
  std::vector<std::string> words;        ///< id -> word; the first four are <pad> <s> </s> <unk>
  std::vector<std::string> label_names;  ///< label id -> name, or empty
  Sentences train, valid, test;
  double valid_test_unk_share = 0;  ///< share of the words of valid and test together that are <unk>, ends not counted
  std::string hash;                 ///< content hash of all of the above: part of every cell's id
  std::map<std::string, std::int64_t> facts;    ///< corpus_facts of the above
  std::map<std::string, std::int64_t> reading;  ///< how many lines the dataset left out or cut
  std::vector<std::string> notes;               ///< what looks wrong in the sources, a line each

  const Sentences& split(const std::string& name) const;  ///< train, valid, test; throws UsageError
};

/// A dataset: how it is named and configured, and how it is read.
struct DatasetEntry {
  ComponentSpec spec;
  /// Tokenises the sources; leaves valid_test_unk_share, hash and facts to DatasetRegistry::load.
  std::function<TextCorpus(const Options&)> load;
  /// Hash of the files that `load` reads, part of the cache's key; not set where the options decide everything.
  std::function<std::string(const Options&)> source_hash{};
};

/// The datasets by key; each dataset's file registers one.
class DatasetRegistry {
 public:
  static DatasetRegistry& instance();
  /// Never throws (it runs before main): a duplicate key is kept as an error for entries().
  void add(DatasetEntry entry) noexcept;
  /// All datasets; throws UsageError when a registration failed.
  const std::map<std::string, DatasetEntry>& entries() const;
  /// Loads a dataset through the binary cache (cache.h); throws UsageError for an unknown key, naming file and line for
  /// bad input, and when a split is empty.
  std::shared_ptr<const TextCorpus> load(const std::string& key, const Options& options) const;

 private:
  std::map<std::string, DatasetEntry> entries_;
  std::vector<std::string> errors_;
};

struct DatasetRegistrar {
  explicit DatasetRegistrar(DatasetEntry entry) noexcept { DatasetRegistry::instance().add(std::move(entry)); }
};

}  // namespace klbench
