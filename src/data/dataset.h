#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/cell_config.h"
#include "config/registry.h"
#include "core/image_shape.h"
#include "core/special_words.h"

namespace klbench {

/// The examples of one split: Sentences or Images.
class Split {
 public:
  std::vector<std::int32_t> labels;  ///< one an example, or empty

  virtual ~Split() = default;
  virtual std::int64_t size() const = 0;
  /// Words of sentence i, start and end not counted; images are all of length 0.
  virtual std::int64_t length(std::int64_t i) const = 0;

 protected:
  Split() = default;
  Split(const Split&) = default;
  Split(Split&&) = default;
  Split& operator=(const Split&) = default;
  Split& operator=(Split&&) = default;
};

/// Sentences back to back: sentence i is tokens[offsets[i] .. offsets[i+1]), without start and end symbols.
class Sentences : public Split {
 public:
  std::vector<std::int32_t> tokens;
  std::vector<std::int64_t> offsets{0};

  Sentences() = default;
  Sentences(std::vector<std::int32_t> words, std::vector<std::int64_t> begins, std::vector<std::int32_t> classes = {})
      : tokens(std::move(words)), offsets(std::move(begins)) {
    labels = std::move(classes);
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(offsets.size()) - 1; }
  std::int64_t length(std::int64_t i) const override {
    const auto k = static_cast<std::size_t>(i);
    return offsets[k + 1] - offsets[k];
  }
};

/// Images back to back, channel by channel, row by row; 255 is white.
class Images : public Split {
 public:
  ImageShape shape;
  std::vector<std::uint8_t> pixels;
  /// The grey values are probabilities from which every batch draws black and white anew; false: pixels are 0 or 255.
  bool drawn_anew = false;

  std::int64_t size() const override {
    return shape.pixels() == 0 ? 0 : static_cast<std::int64_t>(pixels.size()) / shape.pixels();
  }
  std::int64_t length(std::int64_t /*i*/) const override { return 0; }
};

/// Sentences; else Images.
bool is_text(const Split& split);

/// Hash of the examples and their order, labels aside, by which results say that they are about the same ones.
std::string examples_hash(const Split& split);

/// Data, split in three.
class Dataset {
 public:
  std::vector<std::string> label_names;         ///< label id -> name, or empty
  std::string hash;                             ///< content hash of words, names and splits: part of every cell's id
  std::map<std::string, std::int64_t> facts;    ///< facts_of (data_facts.h)
  std::map<std::string, std::int64_t> reading;  ///< how many lines the dataset left out or cut
  std::vector<std::string> notes;               ///< what looks wrong in the sources, a line each

  virtual ~Dataset() = default;
  /// train, valid, test; throws UsageError for other names.
  virtual const Split& split(const std::string& name) const = 0;

 protected:
  Dataset() = default;
  Dataset(const Dataset&) = default;
  Dataset(Dataset&&) = default;
  Dataset& operator=(const Dataset&) = default;
  Dataset& operator=(Dataset&&) = default;
};

/// A tokenised corpus.
class TextCorpus : public Dataset {
 public:
  std::vector<std::string> words;  ///< id -> word; the first four are <pad> <s> </s> <unk>
  Sentences train, valid, test;
  double valid_test_unk_share = 0;  ///< share of the words of valid and test together that are <unk>, ends not counted

  const Sentences& split(const std::string& name) const override;
};

/// Images of one shape.
class ImageCorpus : public Dataset {
 public:
  ImageShape shape;
  Images train, valid, test;

  const Images& split(const std::string& name) const override;
};

/// A kind of data: how it is named and configured, and how it is read.
struct DatasetEntry {
  ComponentSpec spec;
  /// Reads the sources; leaves hash and facts, and of text valid_test_unk_share, to load_dataset.
  std::function<std::shared_ptr<Dataset>(const Options&)> load;
  /// Hash of the files that `load` reads, part of the cache's key; not set where the options decide everything.
  std::function<std::string(const Options&)> source_hash{};
  std::string code{};  ///< hash of the plugin that brings it; empty: it is built in
};

/// The datasets by key; each dataset's file registers one.
class DatasetRegistry : public Registry<DatasetEntry> {
 public:
  DatasetRegistry() : Registry("dataset") {}
  static DatasetRegistry& instance();
  /// Sets DatasetEntry::code, part of the cache's key.
  void set_code(const std::string& key, const std::string& hash) { entry(key).code = hash; }
};

/// Registers a dataset at load time: one line at the end of its file. `load` returns a TextCorpus or an ImageCorpus,
/// and the spec's domain follows.
struct DatasetRegistrar {
  template <class Corpus>
  DatasetRegistrar(ComponentSpec spec, Corpus (*load)(const Options&),
                   std::function<std::string(const Options&)> source_hash = {}) noexcept {
    spec.domain = std::is_same_v<Corpus, TextCorpus> ? kText : kImage;
    DatasetRegistry::instance().add(
        {std::move(spec),
         [load](const Options& options) -> std::shared_ptr<Dataset> { return std::make_shared<Corpus>(load(options)); },
         std::move(source_hash)});
  }
};

/// Loads a dataset through the binary cache (cache.h); throws UsageError for an unknown key, naming file and line for
/// bad input, and when a split is empty.
std::shared_ptr<const Dataset> load_dataset(const std::string& key, const Options& options);
/// The one that data.name and data.<option> of a cell name.
std::shared_ptr<const Dataset> load_dataset(const CellConfig& config);

/// The text of a dataset that must have one; throws Error.
const TextCorpus& text_of(const Dataset& dataset);

}  // namespace klbench
