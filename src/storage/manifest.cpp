#include "storage/manifest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/append.h"
#include "core/error.h"
#include "core/files.h"
#include "core/shared_folder.h"

namespace klbench {

namespace {

std::string line_checksum(std::string_view fields) {
  return fmt::format("{:016x}", XXH3_64bits(fields.data(), fields.size()));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

constexpr const char* kRemoved = "removed";  // instead of a hash

/// "id hash size mtime checksum", tab-separated; false when the line is damaged.
bool parse_line(std::string_view line, std::map<std::string, ManifestEntry>& entries) {
  const auto fields = split(line, '\t');
  if (fields.size() != 5) return false;
  if (fields[4] != line_checksum(line.substr(0, line.size() - fields[4].size()))) return false;
  const auto size = number(fields[2]);
  const auto mtime = number(fields[3]);
  if (!size || !mtime) return false;
  if (fields[1] == kRemoved) {
    entries.erase(std::string(fields[0]));
  } else {
    entries[std::string(fields[0])] = {std::string(fields[1]), *size, *mtime};
  }
  return true;
}

/// Size and mtime of a file; false where there is none. `anew`: not as this machine remembers them.
bool stamp(const std::filesystem::path& file, ManifestEntry& entry, bool anew) {
  struct stat status {};
  const Descriptor fd(anew ? ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1);
  if ((anew ? ::fstat(fd.get(), &status) : ::stat(file.c_str(), &status)) != 0) return false;
  entry.size = status.st_size;
  entry.mtime_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return true;
}

}  // namespace

Manifest::Manifest(std::filesystem::path path) : path_(std::move(path)) {
  look_again(folder_of(path_));
  const auto text = read_file_if_there(path_);
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) parse_line(line, entries_);
}

void Manifest::add(const std::string& id, const std::filesystem::path& file, const std::string& hash) {
  if (id.empty() || (id + hash).find_first_of("\t\n") != std::string::npos) {
    throw Error(fmt::format("{}: '{}' cannot be an id", path_.string(), one_line(id)));
  }
  ManifestEntry entry{hash, 0, 0};
  if (!stamp(file, entry, true)) throw_io_error(file, "cannot be recorded in the manifest", errno);
  append(id, entry);
  entries_[id] = entry;
}

void Manifest::forget(const std::string& id) {
  if (entries_.erase(id) > 0) append(id, {kRemoved, 0, 0});
}

void Manifest::append(const std::string& id, const ManifestEntry& entry) {
  const std::string fields = fmt::format("{}\t{}\t{}\t{}\t", id, entry.hash, entry.size, entry.mtime_ns);
  // The line break in front ends a line that a kill has torn.
  append_durably(path_, fmt::format("\n{}{}\n", fields, line_checksum(fields)));
}

bool Manifest::trusts(const std::string& id, const std::filesystem::path& file) const {
  const auto known = entries_.find(id);
  const auto is_known = [&](bool anew) {
    ManifestEntry now;
    return stamp(file, now, anew) && now.size == known->second.size && now.mtime_ns == known->second.mtime_ns;
  };
  return known != entries_.end() && (is_known(false) || is_known(true));
}

}  // namespace klbench
