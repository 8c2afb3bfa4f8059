#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "storage/records.h"

namespace klbench {

/// A record in CBOR and back; nothing where the bytes are none.
std::string encode_record(const EpochRecord& record);
std::optional<EpochRecord> decode_record(std::string_view bytes);

/// What a journal's bytes say.
struct ParsedJournal {
  std::vector<EpochRecord> records;
  std::vector<std::size_t> ends;         ///< offset behind each record
  std::vector<std::uint64_t> checksums;  ///< of the head and of each record
  std::size_t head_end = 0;              ///< offset behind the head; 0: no valid head, nothing is valid
  /// Bytes up to here are valid; what follows is torn or damaged.
  std::size_t valid_bytes() const { return ends.empty() ? head_end : ends.back(); }
};

/// Reads frames (length, XXH3-64, payload) until the first that is torn or damaged: the head, a text with format
/// version and cell id, then one CBOR record an epoch. Each checksum is seeded with the one before it, so that a frame
/// is valid only in its place of its journal. `id` empty: of any cell. Never throws on any bytes.
ParsedJournal parse_journal(std::string_view bytes, const std::string& id);

/// Append-only file of CRC-checked epoch records: the truth about a running cell.
/// A record counts once append() has returned (written whole and fdatasync'ed).
class Journal {
 public:
  /// Opens or creates the journal of cell `id`; records of another cell or version, or a damaged head, make it start
  /// anew; a torn or damaged tail is cut off. Throws Error on I/O failure.
  Journal(const std::filesystem::path& path, const std::string& id);

  /// As they read back from the file, so that a resumed cell has the same ones.
  const std::vector<EpochRecord>& records() const { return parsed_.records; }
  /// Throws Error on I/O failure; the journal then ends with the record before, and takes no more.
  void append(const EpochRecord& record);
  /// Drops the records after `epoch` (a resume starts from a checkpoint that may be older than the journal's end).
  void truncate_after(std::int64_t epoch);

 private:
  /// Appends and syncs; returns the offset behind it.
  std::size_t write_frame(const std::string& payload);
  void cut_to(std::size_t size);

  std::filesystem::path path_;
  Descriptor fd_;
  ParsedJournal parsed_;
  bool broken_ = false;
};

/// The records of a journal without opening it for writing (for status); empty where there is none or it is damaged.
std::vector<EpochRecord> read_journal(const std::filesystem::path& path);

}  // namespace klbench
