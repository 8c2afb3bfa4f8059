#include "data/image/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/error.h"
#include "core/rng.h"
#include "data/source.h"

namespace klbench {

namespace {

constexpr std::uint32_t kImagesMagic = 0x803, kLabelsMagic = 0x801;

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct IdxFile {
  std::vector<std::int64_t> sizes;
  std::string content;  ///< behind the header
};

/// `what`: "images"; `dimensions` of them are wanted.
IdxFile parse_idx(const std::string& bytes, const std::string& file, std::uint32_t magic, std::size_t dimensions,
                  const char* what) {
  const std::size_t header = 4 + 4 * dimensions;
  const auto refuse = [&](const std::string& problem) { throw UsageError({file}, problem); };
  if (bytes.size() < header) refuse(fmt::format("{} bytes are too few for an IDX file of {}", bytes.size(), what));
  if (const auto found = big_endian(bytes, 0); found != magic) {
    const char* other = found == kImagesMagic   ? ", which images have"
                        : found == kLabelsMagic ? ", which labels have"
                                                : "";
    refuse(fmt::format("bad magic 0x{:08x}{}; an IDX file of {} begins with 0x{:08x}", found, other, what, magic));
  }
  IdxFile idx;
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < dimensions; ++i) {
    idx.sizes.push_back(big_endian(bytes, 4 + 4 * i));
    if (idx.sizes.back() == 0) refuse(fmt::format("has no {}: one of its sizes is 0", what));
    total *= static_cast<std::uint64_t>(idx.sizes.back());
    if (total > (std::uint64_t{1} << 40U)) break;
  }
  if (bytes.size() - header != total) {
    refuse(fmt::format("{}: {} bytes of {} follow the header, which says {}",
                       bytes.size() - header < total ? "truncated" : "has more than it says", bytes.size() - header,
                       what, total));
  }
  idx.content = bytes.substr(header);
  return idx;
}

/// Every pixel 0 or 255, drawn with its grey value as probability.
void draw(Images& split, std::uint64_t seed) {
  const auto size = static_cast<std::size_t>(split.shape.pixels());
  for (std::int64_t row = 0; row < split.size(); ++row) {
    Rng rng(derive_seed(seed, "static binarisation", static_cast<std::uint64_t>(row)));
    std::uint8_t* image = split.pixels.data() + static_cast<std::size_t>(row) * size;
    for (std::size_t i = 0; i < size; ++i) image[i] = uniform_real(rng) < image[i] / 255.0 ? 255 : 0;
  }
}

}  // namespace

Images parse_idx_images(const std::string& bytes, const std::string& file) {
  const IdxFile idx = parse_idx(bytes, file, kImagesMagic, 3, "images");
  Images images;
  images.shape = {1, idx.sizes[1], idx.sizes[2]};
  images.pixels.assign(idx.content.begin(), idx.content.end());
  return images;
}

Images read_idx_images(const std::string& file) { return parse_idx_images(unpacked(read_source(file), file), file); }

std::vector<std::int32_t> parse_idx_labels(const std::string& bytes, const std::string& file, std::int64_t images,
                                           const std::string& of_file) {
  const IdxFile idx = parse_idx(bytes, file, kLabelsMagic, 1, "labels");
  if (idx.sizes[0] != images) {
    throw UsageError({file}, fmt::format("has {} labels, and {} has {} images", idx.sizes[0], of_file, images));
  }
  std::vector<std::int32_t> labels;
  std::transform(idx.content.begin(), idx.content.end(), std::back_inserter(labels),
                 [](char label) { return static_cast<std::int32_t>(static_cast<unsigned char>(label)); });
  return labels;
}

std::vector<std::int32_t> read_idx_labels(const std::string& file, std::int64_t images, const std::string& of_file) {
  return parse_idx_labels(unpacked(read_source(file), file), file, images, of_file);
}

OptionSpec binarise_option() {
  return {.name = "binarise",
          .default_value = std::string("dynamic"),
          .help =
              "how grey becomes black and white: dynamic draws every training batch anew, static draws once, "
              "threshold takes 128 and more as white",
          .choices = {"dynamic", "static", "threshold"}};
}

void binarise(ImageCorpus& corpus, const std::string& how) {
  corpus.train.drawn_anew = how == "dynamic";
  std::uint64_t seed = 0;
  for (Images* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    ++seed;
    if (how == "threshold") {
      for (auto& pixel : split->pixels) pixel = pixel >= 128 ? 255 : 0;
    } else if (!split->drawn_anew) {
      draw(*split, seed);
    }
  }
}

Images images_between(const Images& all, std::int64_t begin, std::int64_t end) {
  Images part;
  part.shape = all.shape;
  const auto size = all.shape.pixels();
  part.pixels.assign(all.pixels.begin() + begin * size, all.pixels.begin() + end * size);
  if (!all.labels.empty()) part.labels.assign(all.labels.begin() + begin, all.labels.begin() + end);
  return part;
}

}  // namespace klbench
