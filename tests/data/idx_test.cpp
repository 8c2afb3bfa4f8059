#include "data/image/idx.h"

#include <zlib.h>

#include <numeric>

#include "catch.h"
#include "data/cache.h"
#include "data/facts.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

using Given = std::map<std::string, Value>;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

/// An IDX file of `count` images of 2 x 3, whose pixels count up from 0.
std::string image_file(std::uint32_t count) {
  std::string pixels(count * 6, '\0');
  std::iota(pixels.begin(), pixels.end(), '\0');
  return big_endian(0x803) + big_endian(count) + big_endian(2) + big_endian(3) + pixels;
}

std::string label_file(const std::string& labels) {
  return big_endian(0x801) + big_endian(static_cast<std::uint32_t>(labels.size())) + labels;
}

std::string gzip(const std::string& text, const std::string& path) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  return path;
}

std::shared_ptr<const ImageCorpus> load_images(const Given& given) {
  const Options options(DatasetRegistry::instance().find("idx_images").spec, given);
  return std::dynamic_pointer_cast<const ImageCorpus>(load_dataset("idx_images", options));
}

Given three_files(const TemporaryFolder& scratch) {
  return {{"train", scratch.write("train.idx", image_file(4))},
          {"valid", scratch.write("valid.idx", image_file(1))},
          {"test", scratch.write("test.idx", image_file(2))}};
}

}  // namespace

TEST_CASE("IDX files of images and labels are read, packed or not") {
  const TemporaryFolder scratch;
  const std::string plain = scratch.write("a.idx", image_file(2));
  const std::string packed = gzip(image_file(2), scratch.file("b.gz"));
  for (const auto& file : {plain, packed}) {
    const Images images = read_idx_images(file);
    CHECK(images.shape == ImageShape{1, 2, 3});
    CHECK(images.size() == 2);
    CHECK(images.pixels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(images.length(1) == 0);
  }
  const std::string labels = scratch.write("l.idx", label_file({"\x03\xFF", 2}));
  CHECK(read_idx_labels(labels, 2, plain) == std::vector<std::int32_t>{3, 255});
}

TEST_CASE("what is wrong with an IDX file is said in one line") {
  const TemporaryFolder scratch;
  const auto refusal = [&](const std::string& bytes) {
    const std::string file = scratch.write("x.idx", bytes);
    const std::string message = usage_error([&] { read_idx_images(file); });
    REQUIRE(message.starts_with(file + ": "));
    return message.substr(file.size() + 2);
  };
  const std::string good = image_file(2);
  CHECK(refusal(label_file("ab") + "padding bytes") ==
        "bad magic 0x00000801, which labels have; an IDX file of images begins with 0x00000803");
  CHECK(refusal("PNG file, no IDX file at all") ==
        "bad magic 0x504e4720; an IDX file of images begins with 0x00000803");
  CHECK(refusal(good.substr(0, good.size() - 1)) == "truncated: 11 bytes of images follow the header, which says 12");
  CHECK(refusal(good + "x") == "has more than it says: 13 bytes of images follow the header, which says 12");
  CHECK(refusal("abc") == "3 bytes are too few for an IDX file of images");
  CHECK(refusal(image_file(0)) == "has no images: one of its sizes is 0");
  CHECK_THAT(refusal(big_endian(0x803) + std::string(12, '\xFF')), ContainsSubstring("truncated: 0 bytes"));
  const std::string labels = scratch.write("l.idx", label_file("abc"));
  CHECK(usage_error([&] { read_idx_labels(labels, 2, "the_images"); }) ==
        labels + ": has 3 labels, and the_images has 2 images");
}

TEST_CASE("binarisation: by threshold, drawn once, or drawn for every batch") {
  const auto corpus_of = [](const std::string& how) {
    ImageCorpus corpus;
    corpus.shape = {1, 50, 50};
    for (Images* split : {&corpus.train, &corpus.valid, &corpus.test}) {
      split->shape = corpus.shape;
      split->pixels.assign(2500, 64);
      split->pixels[0] = 128;
      split->pixels[1] = 0;
      split->pixels[2] = 255;
    }
    binarise(corpus, how);
    return corpus;
  };
  const auto white = [](const Images& split) { return std::count(split.pixels.begin(), split.pixels.end(), 255); };
  const ImageCorpus by_threshold = corpus_of("threshold");
  CHECK(white(by_threshold.train) == 2);
  const ImageCorpus drawn = corpus_of("static");
  CHECK_FALSE(drawn.train.drawn_anew);
  for (const Images* split : {&drawn.train, &drawn.valid, &drawn.test}) {
    CHECK(std::abs(white(*split) - 627) < 110);  // 2,500 x 64 / 255, 5 standard deviations
    CHECK(split->pixels[1] == 0);
    CHECK(split->pixels[2] == 255);
  }
  CHECK(drawn.train.pixels != drawn.valid.pixels);
  CHECK(corpus_of("static").test.pixels == drawn.test.pixels);
  const ImageCorpus dynamic = corpus_of("dynamic");
  CHECK(dynamic.train.drawn_anew);
  CHECK(dynamic.train.pixels[5] == 64);
  CHECK_FALSE(dynamic.test.drawn_anew);
  CHECK(dynamic.test.pixels == drawn.test.pixels);
}

TEST_CASE("a user's images load, and come back from the cache as they were") {
  const FolderWithCache scratch;
  Given given = three_files(scratch);
  given["train_labels"] = scratch.write("a", label_file({"\x00\x01\x01\x00", 4}));
  given["valid_labels"] = scratch.write("b", label_file({"\x01", 1}));
  given["test_labels"] = scratch.write("c", label_file({"\x00\x02", 2}));
  const auto first = load_images(given), second = load_images(given);
  CHECK(dataset_bytes(*first) == dataset_bytes(*second));
  CHECK(first->hash == second->hash);
  CHECK(second->facts == first->facts);
  CHECK(second->train.drawn_anew);
  CHECK(second->train.pixels == first->train.pixels);
  CHECK(second->label_names == std::vector<std::string>{"0", "1", "2"});
  CHECK(first->facts.at("width") == 3);
  CHECK(first->facts.at("train_examples") == 4);
  CHECK(first->facts.at("test_unseen_labels") == 1);
  CHECK(examples_hash(first->test) != examples_hash(first->train));
  given["binarise"] = std::string("threshold");
  CHECK(load_images(given)->hash != first->hash);
}

TEST_CASE("images that do not fit together are refused") {
  const FolderWithCache scratch;
  Given given = three_files(scratch);
  given["test"] =
      scratch.write("wide.idx", big_endian(0x803) + big_endian(1) + big_endian(1) + big_endian(6) + "abcdef");
  CHECK_THAT(usage_error([&] { load_images(given); }),
             ContainsSubstring("wide.idx: has images of 1 x 6, those of train are 2 x 3"));
  given = three_files(scratch);
  given["train_labels"] = scratch.write("a", label_file("abcd"));
  CHECK_THAT(usage_error([&] { load_images(given); }), ContainsSubstring("labels for all of train, valid and test"));
  given = three_files(scratch);
  given.erase("valid");
  CHECK(usage_error([&] { load_images(given); }) == "dataset idx_images: option 'valid' names no file");
}

TEST_CASE("Fashion-MNIST says how it is installed where it is not") {
  const FolderWithCache scratch;
  const auto load = [&](const Given& given) {
    return std::dynamic_pointer_cast<const ImageCorpus>(
        load_dataset("fashion_mnist", Options(DatasetRegistry::instance().find("fashion_mnist").spec, given)));
  };
  CHECK_THAT(usage_error([&] {
               load({{"path", scratch.path().string()}});
             }),
             ContainsSubstring("sudo apt install dataset-fashion-mnist"));
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) return;
  const auto data = load({{"train_limit", std::int64_t{100}}, {"test_limit", std::int64_t{50}}});
  CHECK(data->shape == ImageShape{1, 28, 28});
  CHECK(data->train.size() == 100);
  CHECK(data->valid.size() == 5000);
  CHECK(data->test.size() == 50);
  CHECK(data->train.labels[0] == 9);  // the first image is a boot
  CHECK(data->label_names.at(9) == "boot");
}
