#include "data/dataset.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/component_source.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "data/cache.h"
#include "data/corpus_facts.h"

namespace klbench {

namespace {

double unknown_share(const TextCorpus& corpus) {
  std::int64_t unknown = 0;
  std::size_t total = 0;
  for (const Sentences* split : {&corpus.valid, &corpus.test}) {
    unknown += std::count(split->tokens.begin(), split->tokens.end(), kUnknown);
    total += split->tokens.size();
  }
  return total == 0 ? 0.0 : static_cast<double>(unknown) / static_cast<double>(total);
}

void refuse_empty_splits(const std::string& key, const TextCorpus& corpus) {
  for (const char* name : {"train", "valid", "test"}) {
    if (corpus.split(name).size() == 0) {
      throw UsageError(
          fmt::format("dataset {}: split '{}' has no sentence with these options; use more data", key, name));
    }
  }
}

TextCorpus build(const DatasetEntry& entry, const Options& options, const std::string& source,
                 const std::filesystem::path& cache_file, const std::string& cache_key) {
  TextCorpus corpus = entry.load(options);
  refuse_empty_splits(entry.spec.key, corpus);
  corpus.valid_test_unk_share = unknown_share(corpus);
  const std::string bytes = corpus_bytes(corpus);
  corpus.hash = content_hash(bytes);
  corpus.facts = corpus_facts(corpus);
  if (!entry.source_hash) {  // generated: splits share sentences by chance, and no train data leaks
    for (const char* shared : {"valid_in_train", "test_in_train", "test_in_valid"}) corpus.facts.erase(shared);
  }
  // A source that changed between hashing and reading must not be kept under the old hash.
  if (!entry.source_hash || entry.source_hash(options) == source) store_corpus(cache_file, cache_key, corpus, bytes);
  return corpus;
}

}  // namespace

std::string sentences_hash(const Sentences& sentences) {
  const auto bytes = [](const auto& numbers) {
    return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof numbers[0]);
  };
  return content_hash(bytes(sentences.offsets) + bytes(sentences.tokens));
}

const Sentences& TextCorpus::split(const std::string& name) const {
  if (name == "train") return train;
  if (name == "valid") return valid;
  if (name == "test") return test;
  throw UsageError(unknown_name("split", name, {"train", "valid", "test"}));
}

DatasetRegistry& DatasetRegistry::instance() {
  static DatasetRegistry registry;
  return registry;
}

void DatasetRegistry::add(DatasetEntry entry) noexcept try {
  const std::string key = entry.spec.key;
  if (!entries_.emplace(key, std::move(entry)).second) errors_.push_back("dataset '" + key + "' is registered twice");
} catch (...) {
  // Out of memory before main: the dataset stays unknown, which load() reports.
}

const std::map<std::string, DatasetEntry>& DatasetRegistry::entries() const {
  if (!errors_.empty()) throw UsageError(errors_.front());
  return entries_;
}

std::shared_ptr<const TextCorpus> DatasetRegistry::load(const std::string& key, const Options& options) const {
  const auto found = entries().find(key);
  if (found == entries_.end()) {
    std::vector<std::string> valid;
    for (const auto& [name, entry] : entries_) valid.push_back(name);
    throw UsageError(unknown_name("dataset", key, valid));
  }
  const DatasetEntry& entry = found->second;
  const std::string source = entry.source_hash ? entry.source_hash(options) : "";
  const ComponentSource* code = component_source("data/" + key);
  const std::string cache_key = corpus_key(key, options, source + (code ? code->present : ""));
  const std::filesystem::path cache_file = corpus_path(cache_key);
  std::optional<TextCorpus> cached = read_corpus(cache_file, cache_key);
  auto corpus = std::make_shared<const TextCorpus>(cached ? std::move(*cached)
                                                          : build(entry, options, source, cache_file, cache_key));
  spdlog::debug("dataset {}: {} train, {} valid, {} test sentences, {} words, {:.2f}% of valid and test are <unk>{}",
                key, corpus->train.size(), corpus->valid.size(), corpus->test.size(), corpus->words.size(),
                100 * corpus->valid_test_unk_share, cached ? " (from the cache)" : "");
  return corpus;
}

}  // namespace klbench
