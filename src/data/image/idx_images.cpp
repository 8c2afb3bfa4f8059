// A user's own images in IDX files, the format of MNIST.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "data/image/idx.h"
#include "data/source.h"

namespace klbench {

namespace {

constexpr const char* kSplits[] = {"train", "valid", "test"};

ImageCorpus load(const Options& options) {
  ImageCorpus corpus;
  Images* const splits[] = {&corpus.train, &corpus.valid, &corpus.test};
  std::int32_t last_label = -1;
  for (std::size_t i = 0; i < std::size(kSplits); ++i) {
    const std::string& file = options.text(kSplits[i]);
    if (file.empty()) throw UsageError(fmt::format("dataset idx_images: option '{}' names no file", kSplits[i]));
    *splits[i] = read_idx_images(file);
    if (i == 0) corpus.shape = splits[i]->shape;
    if (!(splits[i]->shape == corpus.shape)) {
      throw UsageError({file}, fmt::format("has images of {} x {}, those of train are {} x {}", splits[i]->shape.height,
                                           splits[i]->shape.width, corpus.shape.height, corpus.shape.width));
    }
    const std::string& labels = options.text(fmt::format("{}_labels", kSplits[i]));
    if (labels.empty()) continue;
    splits[i]->labels = read_idx_labels(labels, splits[i]->size(), file);
    last_label = std::max(last_label, *std::max_element(splits[i]->labels.begin(), splits[i]->labels.end()));
  }
  const std::set<bool> labelled{corpus.train.labels.empty(), corpus.valid.labels.empty(), corpus.test.labels.empty()};
  if (labelled.size() > 1) {
    throw UsageError("dataset idx_images: give labels for all of train, valid and test, or for none");
  }
  for (std::int32_t label = 0; label <= last_label; ++label) corpus.label_names.push_back(fmt::format("{}", label));
  binarise(corpus, options.text("binarise"));
  return corpus;
}

std::string hash_sources(const Options& options) {
  std::string hashes;
  for (const char* split : kSplits) {
    for (const std::string& file : {options.text(split), options.text(fmt::format("{}_labels", split))}) {
      hashes += file.empty() ? "-" : content_hash(read_source(file));
    }
  }
  return hashes;
}

OptionSpec file(std::string name, std::string help) {
  return {.name = std::move(name), .default_value = std::string(), .help = std::move(help), .is_path = true};
}

const DatasetRegistrar kRegistrar({.key = "idx_images",
                                   .summary = "your own images: IDX files of grey values, as MNIST's, gzip or not",
                                   .options = {file("train", "IDX file of images"), file("valid", "IDX file of images"),
                                               file("test", "IDX file of images"),
                                               file("train_labels", "IDX file of labels; empty: there are none"),
                                               file("valid_labels", "IDX file of labels"),
                                               file("test_labels", "IDX file of labels"), binarise_option()}},
                                  load, hash_sources);

}  // namespace

}  // namespace klbench
