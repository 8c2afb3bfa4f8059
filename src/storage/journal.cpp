#include "storage/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/build_info.h"
#include "core/error.h"
#include "core/log.h"

namespace klbench {

namespace {

using nlohmann::json;

constexpr std::uint64_t kFirstSeed = 0x6b6c62656e6368;
constexpr std::size_t kFrameHead = 4 + 8;  // length and checksum, little endian

std::string head_text(const std::string& id) { return fmt::format("klbench journal {} {}", kSchemaVersion, id); }

template <class Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  return bytes;
}

template <class Integer>
Integer from_little_endian(std::string_view bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value |= Integer{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

std::uint64_t checksum(std::string_view payload, std::uint64_t previous) {
  return XXH3_64bits_withSeed(payload.data(), payload.size(), previous ^ payload.size());
}

std::string frame(std::string_view payload, std::uint64_t sum) {
  return little_endian(static_cast<std::uint32_t>(payload.size())) + little_endian(sum) + std::string(payload);
}

/// The payload of the frame that starts at `at`; nothing when it is torn or damaged. Moves `at` and `sum` on.
std::optional<std::string_view> next_frame(std::string_view bytes, std::size_t& at, std::uint64_t& sum) {
  if (bytes.size() - at < kFrameHead) return {};
  const auto length = from_little_endian<std::uint32_t>(bytes.substr(at, 4));
  const auto wanted = from_little_endian<std::uint64_t>(bytes.substr(at + 4, 8));
  if (bytes.size() - at - kFrameHead < length) return {};
  const std::string_view payload = bytes.substr(at + kFrameHead, length);
  if (checksum(payload, sum) != wanted) return {};
  at += kFrameHead + length;
  sum = wanted;
  return payload;
}

}  // namespace

std::string encode_record(const EpochRecord& record) {
  const auto bytes = json::to_cbor(json{{"epoch", record.epoch},
                                        {"step", record.step},
                                        {"metrics", record.metrics},
                                        {"diagnostics", record.diagnostics}});
  return {bytes.begin(), bytes.end()};
}

std::optional<EpochRecord> decode_record(std::string_view bytes) {
  try {
    const json node = json::from_cbor(bytes);
    EpochRecord record;
    node.at("epoch").get_to(record.epoch);
    node.at("step").get_to(record.step);
    node.at("metrics").get_to(record.metrics);
    node.at("diagnostics").get_to(record.diagnostics);
    return record;
  } catch (const json::exception&) {
    return {};
  }
}

ParsedJournal parse_journal(std::string_view bytes, const std::string& id) {
  ParsedJournal parsed;
  std::size_t at = 0;
  std::uint64_t sum = kFirstSeed;
  const auto head = next_frame(bytes, at, sum);
  if (!head || (id.empty() ? !head->starts_with(head_text("")) : *head != head_text(id))) return parsed;
  parsed.head_end = at;
  parsed.checksums.push_back(sum);
  while (const auto payload = next_frame(bytes, at, sum)) {
    auto record = decode_record(*payload);
    if (!record) break;
    parsed.records.push_back(std::move(*record));
    parsed.ends.push_back(at);
    parsed.checksums.push_back(sum);
  }
  return parsed;
}

Journal::Journal(const std::filesystem::path& path, const std::string& id) : path_(path) {
  create_folders(folder_of(path));
  fd_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode));
  if (fd_.get() < 0) throw_io_error(path, "cannot open", errno);
  const std::string bytes = read_file(path);
  parsed_ = parse_journal(bytes, id);
  if (bytes.size() > parsed_.valid_bytes()) cut_to(parsed_.valid_bytes());
  if (parsed_.head_end == 0) {
    parsed_.head_end = write_frame(head_text(id));
    sync_folder(folder_of(path));
  }
}

void Journal::append(const EpochRecord& record) {
  const std::string payload = encode_record(record);
  auto as_read = decode_record(payload);
  if (!as_read) throw Error(path_.string() + ": a record that cannot be read back");
  parsed_.ends.push_back(write_frame(payload));
  parsed_.records.push_back(std::move(*as_read));
}

void Journal::truncate_after(std::int64_t epoch) {
  auto& records = parsed_.records;
  std::size_t keep = 0;
  while (keep < records.size() && records[keep].epoch <= epoch) ++keep;
  if (keep == records.size()) return;
  records.resize(keep);
  parsed_.ends.resize(keep);
  parsed_.checksums.resize(keep + 1);
  cut_to(parsed_.valid_bytes());
}

std::size_t Journal::write_frame(const std::string& payload) {
  if (broken_) throw Error(path_.string() + ": takes no more records after a failed write");
  const std::size_t start = parsed_.valid_bytes();
  const std::uint64_t sum = checksum(payload, parsed_.checksums.empty() ? kFirstSeed : parsed_.checksums.back());
  const std::string bytes = frame(payload, sum);
  try {
    write_all(fd_.get(), bytes, path_);
    if (::fdatasync(fd_.get()) != 0) throw_io_error(path_, "cannot sync", errno);
  } catch (...) {
    broken_ = true;
    if (::ftruncate(fd_.get(), static_cast<off_t>(start)) != 0) spdlog::warn("{}: a torn record stays", path_.string());
    throw;
  }
  parsed_.checksums.push_back(sum);
  return start + bytes.size();
}

void Journal::cut_to(std::size_t size) {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) throw_io_error(path_, "cannot cut off its tail", errno);
  if (::fdatasync(fd_.get()) != 0) throw_io_error(path_, "cannot sync", errno);
}

std::vector<EpochRecord> read_journal(const std::filesystem::path& path) {
  try {
    return parse_journal(read_file(path), "").records;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace klbench
