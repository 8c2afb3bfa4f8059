// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 and 10,000 grey images of clothes, 28 x 28, ten classes, as
// Debian's package dataset-fashion-mnist brings it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "data/image/idx.h"
#include "data/source.h"

namespace klbench {

namespace {

constexpr const char* kFiles[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                  "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};

std::string path_of(const Options& options, const char* file) {
  const std::filesystem::path path = std::filesystem::path(options.text("path")) / file;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw UsageError({path.string()},
                     "is not there; install it: sudo apt install dataset-fashion-mnist, or set data.path to a folder "
                     "that has it");
  }
  return path.string();
}

Images read(const Options& options, const char* images_file, const char* labels_file) {
  const std::string images_path = path_of(options, images_file), labels_path = path_of(options, labels_file);
  Images images = read_idx_images(images_path);
  images.labels = read_idx_labels(labels_path, images.size(), images_path);
  for (const auto label : images.labels) {
    if (label > 9) throw UsageError({labels_path}, fmt::format("label {} is none of the ten classes 0 to 9", label));
  }
  return images;
}

/// The first of what is there; `limit` 0: all.
std::int64_t limited(std::int64_t available, std::int64_t limit) {
  return limit == 0 ? available : std::min(available, limit);
}

ImageCorpus load(const Options& options) {
  const Images train = read(options, kFiles[0], kFiles[1]), test = read(options, kFiles[2], kFiles[3]);
  if (!(train.shape == test.shape)) throw UsageError("dataset fashion_mnist: train and test have images of two shapes");
  const std::int64_t valid = options.integer("valid_size");
  if (valid >= train.size()) {
    throw UsageError(fmt::format("dataset fashion_mnist: valid_size must be below the {} images of the training file",
                                 train.size()));
  }
  ImageCorpus corpus;
  corpus.label_names = {"t_shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"};
  corpus.shape = train.shape;
  const std::int64_t rest = train.size() - valid;  // the last ones are valid's
  corpus.train = images_between(train, 0, limited(rest, options.integer("train_limit")));
  corpus.valid = images_between(train, rest, train.size());
  corpus.test = images_between(test, 0, limited(test.size(), options.integer("test_limit")));
  binarise(corpus, options.text("binarise"));
  return corpus;
}

std::string hash_sources(const Options& options) {
  std::string hashes;
  for (const char* file : kFiles) hashes += content_hash(read_source(path_of(options, file)));
  return hashes;
}

OptionSpec limit(std::string name, std::string help) {
  return {.name = std::move(name), .default_value = std::int64_t{0}, .help = std::move(help), .min = 0};
}

const DatasetRegistrar kRegistrar(
    {.key = "fashion_mnist",
     .summary = "70,000 images of clothes, 28 x 28, black and white, labelled with ten classes",
     .paper = "Xiao et al. 2017",
     .options = {{.name = "path",
                  .default_value = std::string("/usr/share/datasets/fashion-mnist"),
                  .help = "folder with the four IDX files, gzip",
                  .is_path = true},
                 limit("train_limit", "use so many training images, the first; 0: all"),
                 {.name = "valid_size",
                  .default_value = std::int64_t{5000},
                  .help = "the last so many of the 60,000 training images are valid's",
                  .min = 1},
                 limit("test_limit", "use so many test images, the first; 0: all"),
                 binarise_option()}},
    load, hash_sources);

}  // namespace

}  // namespace klbench
