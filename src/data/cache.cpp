#include "data/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"

namespace klbench {

namespace {

static_assert(std::endian::native == std::endian::little, "cached corpora are little-endian");

/// Raised whenever code that datasets share or this layout changes what a key stands for.
constexpr int kCacheVersion = 3;
constexpr std::string_view kMagic = "klbench corpus\n\x1a";
constexpr std::size_t kHashDigits = 32;
constexpr std::int64_t kMaxImageSide = 1 << 16;

/// A read-only memory map; empty when the file cannot be mapped.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return;
    struct stat status {};
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
      const auto size = static_cast<std::size_t>(status.st_size);
      void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
      if (data != MAP_FAILED) bytes_ = {static_cast<const char*>(data), size};
    }
    ::close(fd);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
void put_vector(std::string& out, const std::vector<T>& values) {
  put(out, std::uint64_t{values.size()});
  if constexpr (std::is_same_v<T, std::string>) {
    for (const std::string& value : values) {
      put(out, std::uint64_t{value.size()});
      out += value;
    }
  } else {
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
}

/// Reads what put wrote; once something does not fit, `ok` is false and everything is empty.
struct Reader {
  std::string_view rest;
  bool ok = true;

  std::string_view take(std::uint64_t size) {
    if (size > rest.size()) ok = false;
    if (!ok) return {};
    const std::string_view bytes = rest.substr(0, size);
    rest.remove_prefix(size);
    return bytes;
  }
  template <class T>
  T number() {
    T value{};
    if (const auto bytes = take(sizeof(T)); ok) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  template <class T>
  std::vector<T> vector() {
    const auto size = number<std::uint64_t>();
    std::vector<T> values;
    if constexpr (std::is_same_v<T, std::string>) {
      for (std::uint64_t i = 0; i < size && ok; ++i) values.emplace_back(take(number<std::uint64_t>()));
    } else {
      if (size > rest.size() / sizeof(T)) ok = false;
      const std::string_view bytes = take(ok ? size * sizeof(T) : 0);
      values.resize(bytes.size() / sizeof(T));
      if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    }
    return values;
  }
};

using Counts = std::map<std::string, std::int64_t>;

void put_counts(std::string& out, const Counts& counts) {
  std::vector<std::string> names;
  std::vector<std::int64_t> values;
  for (const auto& [name, count] : counts) {
    names.push_back(name);
    values.push_back(count);
  }
  put_vector(out, names);
  put_vector(out, values);
}

Counts read_counts(Reader& reader) {
  const auto names = reader.vector<std::string>();
  const auto values = reader.vector<std::int64_t>();
  reader.ok = reader.ok && names.size() == values.size();
  Counts counts;
  for (std::size_t i = 0; i < names.size() && reader.ok; ++i) counts.emplace(names[i], values[i]);
  return counts;
}

bool in_range(const std::vector<std::int32_t>& ids, std::size_t count) {
  return std::all_of(ids.begin(), ids.end(),
                     [count](std::int32_t id) { return id >= 0 && static_cast<std::size_t>(id) < count; });
}

bool labels_consistent(const Split& split, const Dataset& data) {
  return (split.labels.empty() || split.labels.size() == static_cast<std::size_t>(split.size())) &&
         in_range(split.labels, data.label_names.size());
}

bool consistent(const Sentences& split, const TextCorpus& corpus) {
  const auto& offsets = split.offsets;
  return !offsets.empty() && offsets.front() == 0 && std::is_sorted(offsets.begin(), offsets.end()) &&
         static_cast<std::size_t>(offsets.back()) == split.tokens.size() &&
         in_range(split.tokens, corpus.words.size()) && labels_consistent(split, corpus);
}

bool consistent(const Images& split, const ImageCorpus& corpus) {
  const auto image = static_cast<std::size_t>(corpus.shape.pixels());
  return split.pixels.size() % image == 0 && labels_consistent(split, corpus);
}

/// Stands where text has the number of its words.
constexpr std::uint64_t kOfImages = ~std::uint64_t{0};

std::string bytes_of(const TextCorpus& corpus) {
  std::string out;
  put_vector(out, corpus.words);
  put_vector(out, corpus.label_names);
  for (const Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    put_vector(out, split->tokens);
    put_vector(out, split->offsets);
    put_vector(out, split->labels);
  }
  put(out, corpus.valid_test_unk_share);
  return out;
}

std::string bytes_of(const ImageCorpus& corpus) {
  std::string out;
  put(out, kOfImages);
  for (const auto size : {corpus.shape.channels, corpus.shape.height, corpus.shape.width}) put(out, size);
  put_vector(out, corpus.label_names);
  for (const Images* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    put(out, std::uint8_t{split->drawn_anew});
    put_vector(out, split->pixels);
    put_vector(out, split->labels);
  }
  return out;
}

std::shared_ptr<TextCorpus> parse_text(Reader reader) {
  auto corpus = std::make_shared<TextCorpus>();
  corpus->words = reader.vector<std::string>();
  corpus->label_names = reader.vector<std::string>();
  for (Sentences* split : {&corpus->train, &corpus->valid, &corpus->test}) {
    split->tokens = reader.vector<std::int32_t>();
    split->offsets = reader.vector<std::int64_t>();
    split->labels = reader.vector<std::int32_t>();
    if (!reader.ok || !consistent(*split, *corpus)) return nullptr;
  }
  corpus->valid_test_unk_share = reader.number<double>();
  return reader.ok && reader.rest.empty() ? corpus : nullptr;
}

std::shared_ptr<ImageCorpus> parse_images(Reader reader) {
  auto corpus = std::make_shared<ImageCorpus>();
  reader.number<std::uint64_t>();
  for (auto* size : {&corpus->shape.channels, &corpus->shape.height, &corpus->shape.width}) {
    *size = reader.number<std::int64_t>();
    if (*size < 1 || *size > kMaxImageSide) return nullptr;
  }
  corpus->label_names = reader.vector<std::string>();
  for (Images* split : {&corpus->train, &corpus->valid, &corpus->test}) {
    split->shape = corpus->shape;
    const auto anew = reader.number<std::uint8_t>();
    split->drawn_anew = anew == 1;
    split->pixels = reader.vector<std::uint8_t>();
    split->labels = reader.vector<std::int32_t>();
    if (!reader.ok || anew > 1 || !consistent(*split, *corpus)) return nullptr;
  }
  return reader.rest.empty() ? corpus : nullptr;
}

}  // namespace

std::string dataset_bytes(const Dataset& data) {
  const auto* text = dynamic_cast<const TextCorpus*>(&data);
  return text ? bytes_of(*text) : bytes_of(dynamic_cast<const ImageCorpus&>(data));
}

std::shared_ptr<Dataset> parse_dataset(std::string_view bytes) {
  const bool images = Reader{bytes}.number<std::uint64_t>() == kOfImages;
  std::shared_ptr<Dataset> data;
  if (images) {
    data = parse_images({bytes});
  } else {
    data = parse_text({bytes});
  }
  if (data) data->hash = content_hash(bytes);
  return data;
}

std::string dataset_key(const std::string& dataset, const Options& options, const std::string& source_hash) {
  std::string text = fmt::format("{}\n{}\n{}\n", kCacheVersion, dataset, source_hash);
  for (const auto& [name, value] : options.values()) text += fmt::format("{}={}\n", name, one_line(to_string(value)));
  return content_hash(text);
}

std::filesystem::path dataset_path(const std::string& key) { return cache_folder() / "corpora" / (key + ".bin"); }

std::shared_ptr<Dataset> read_dataset(const std::filesystem::path& path, const std::string& key) {
  const MappedFile file(path);
  std::string_view bytes = file.bytes();
  if (bytes.empty()) return nullptr;
  constexpr std::size_t header = kMagic.size() + 2 * kHashDigits;
  if (bytes.size() > header && bytes.starts_with(kMagic) && bytes.substr(kMagic.size(), kHashDigits) == key) {
    Reader reader{bytes.substr(header)};
    if (bytes.substr(header - kHashDigits, kHashDigits) == content_hash(reader.rest)) {
      Counts facts = read_counts(reader);
      Counts reading = read_counts(reader);
      std::vector<std::string> notes = reader.vector<std::string>();
      if (auto corpus = reader.ok ? parse_dataset(reader.rest) : nullptr) {
        corpus->facts = std::move(facts);
        corpus->reading = std::move(reading);
        corpus->notes = std::move(notes);
        return corpus;
      }
    }
  }
  spdlog::debug("{}: damaged cache file, reading the sources instead", path.string());
  return nullptr;
}

void store_dataset(const std::filesystem::path& path, const std::string& key, const Dataset& corpus,
                   std::string_view bytes) noexcept try {
  std::string payload;
  put_counts(payload, corpus.facts);
  put_counts(payload, corpus.reading);
  put_vector(payload, corpus.notes);
  payload += bytes;
  std::string file(kMagic);
  file.append(key).append(content_hash(payload)).append(payload);
  write_file_durably(path, file);
} catch (const std::exception& error) {
  spdlog::debug("corpus not cached: {}", error.what());
}

}  // namespace klbench
