#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace klbench {

/// What is known of one published cell file.
struct ManifestEntry {
  std::string hash;  ///< XXH3-128 of the file
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

/// results/<study>/manifest.tsv: one line a published cell; appended durably, the last line of an id wins, damaged
/// lines are ignored (the file can always be rebuilt from the cells).
class Manifest {
 public:
  /// Its folder is then seen as it is now, also what other machines did there.
  explicit Manifest(std::filesystem::path path);
  const std::map<std::string, ManifestEntry>& entries() const { return entries_; }
  /// Records `file` (its size and mtime are read here) under `id`.
  void add(const std::string& id, const std::filesystem::path& file, const std::string& hash);
  /// Records that the file of `id` was removed on purpose.
  void forget(const std::string& id);
  /// True when `file` exists and has the recorded size and mtime: a warm rerun trusts that.
  bool trusts(const std::string& id, const std::filesystem::path& file) const;

 private:
  void append(const std::string& id, const ManifestEntry& entry);

  std::filesystem::path path_;
  std::map<std::string, ManifestEntry> entries_;
};

}  // namespace klbench
