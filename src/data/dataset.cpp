#include "data/dataset.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/component_source.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "data/cache.h"
#include "data/facts.h"

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

void refuse_empty_splits(const std::string& key, const Dataset& data) {
  for (const char* name : {"train", "valid", "test"}) {
    if (data.split(name).size() == 0) {
      throw UsageError(
          fmt::format("dataset {}: split '{}' has no example with these options; use more data", key, name));
    }
  }
}

std::shared_ptr<Dataset> build(const DatasetEntry& entry, const Options& options, const std::string& source,
                               const std::filesystem::path& cache_file, const std::string& cache_key) {
  auto data = entry.load(options);
  refuse_empty_splits(entry.spec.key, *data);
  if (auto* text = dynamic_cast<TextCorpus*>(data.get())) text->valid_test_unk_share = unknown_share(*text);
  const std::string bytes = dataset_bytes(*data);
  data->hash = content_hash(bytes);
  data->facts = facts_of(*data);
  if (!entry.source_hash) {  // generated: splits share examples by chance, and no train data leaks
    for (const char* shared : {"valid_in_train", "test_in_train", "test_in_valid"}) data->facts.erase(shared);
  }
  // A source that changed between hashing and reading must not be kept under the old hash.
  if (!entry.source_hash || entry.source_hash(options) == source) store_dataset(cache_file, cache_key, *data, bytes);
  return data;
}

/// The split of this name among the members of a corpus.
template <class Corpus>
const auto& split_of(const Corpus& corpus, const std::string& name) {
  if (name == "train") return corpus.train;
  if (name == "valid") return corpus.valid;
  if (name == "test") return corpus.test;
  throw UsageError(unknown_name("split", name, {"train", "valid", "test"}));
}

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

}  // namespace

bool is_text(const Split& split) { return dynamic_cast<const Sentences*>(&split) != nullptr; }

std::string examples_hash(const Split& split) {
  if (const auto* text = dynamic_cast<const Sentences*>(&split))
    return content_hash(bytes_of(text->offsets) + bytes_of(text->tokens));
  return content_hash(bytes_of(dynamic_cast<const Images&>(split).pixels));
}

const Sentences& TextCorpus::split(const std::string& name) const { return split_of(*this, name); }
const Images& ImageCorpus::split(const std::string& name) const { return split_of(*this, name); }

DatasetRegistry& DatasetRegistry::instance() {
  static DatasetRegistry registry;
  return registry;
}

std::shared_ptr<const Dataset> load_dataset(const std::string& key, const Options& options) {
  const DatasetEntry& entry = DatasetRegistry::instance().find(key);
  const std::string source = entry.source_hash ? entry.source_hash(options) : "";
  const ComponentSource* code = component_source("data/" + key);
  const std::string cache_key = dataset_key(key, options, source + (code ? code->present : entry.code));
  const std::filesystem::path cache_file = dataset_path(cache_key);
  std::shared_ptr<const Dataset> data = read_dataset(cache_file, cache_key);
  const bool cached = data != nullptr;
  if (!cached) data = build(entry, options, source, cache_file, cache_key);
  spdlog::debug("dataset {}: {} train, {} valid, {} test examples{}", key, data->split("train").size(),
                data->split("valid").size(), data->split("test").size(), cached ? " (from the cache)" : "");
  return data;
}

std::shared_ptr<const Dataset> load_dataset(const CellConfig& config) {
  const std::string& key = config.text("data.name");
  return load_dataset(key, Options(DatasetRegistry::instance().find(key).spec, config.section("data")));
}

const TextCorpus& text_of(const Dataset& dataset) {
  const auto* text = dynamic_cast<const TextCorpus*>(&dataset);
  if (!text) throw Error("text is wanted, and the data is images");
  return *text;
}

}  // namespace klbench
