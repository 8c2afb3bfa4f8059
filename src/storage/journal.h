#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// Append-only file of CRC-checked epoch records: the truth about a running cell.
/// A record counts once append() has returned (written whole and fdatasync'ed).
class Journal {
 public:
  /// Opens or creates the journal of cell `id`; records of another cell or version, or a damaged head, make it start
  /// anew; a torn or damaged tail is cut off. Throws Error on I/O failure.
  Journal(const std::filesystem::path& path, const std::string& id);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  const std::vector<EpochRecord>& records() const { return records_; }
  void append(const EpochRecord& record);
  /// Drops the records after `epoch` (a resume starts from a checkpoint that may be older than the journal's end).
  void truncate_after(std::int64_t epoch);

 private:
  std::filesystem::path path_;
  std::string id_;
  int fd_ = -1;
  std::vector<EpochRecord> records_;
  std::vector<std::int64_t> ends_;  ///< file offset behind each record
  std::int64_t head_end_ = 0;
};

/// The records of a journal without opening it for writing (for status); empty where there is none or it is damaged.
std::vector<EpochRecord> read_journal(const std::filesystem::path& path);

}  // namespace klbench
