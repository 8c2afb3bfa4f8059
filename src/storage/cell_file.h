#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"
#include "storage/records.h"
#include "storage/study_table.h"

namespace klbench {

/// Results that a newer klbench wrote, of which nothing may be set aside or written over.
class NewerResults : public UsageError {
 public:
  using UsageError::UsageError;
};

/// The bytes of `<id>.h5`: built in memory (HDF5 core driver), the same bytes for the same result.
/// Layout: cell_tables.h.
std::string encode_cell(const CellResult& result);

/// The cell in the bytes of a file; `place` is its name in messages. Throws UsageError as read_cell does.
CellResult decode_cell(std::string bytes, const std::string& place);

/// Writes the file durably, reads it back and compares; returns its content hash. Throws Error.
std::string publish_cell(const std::filesystem::path& path, const CellResult& result);

/// Reads a cell file; throws UsageError naming path and dataset when it is damaged, or of another schema version
/// (NewerResults).
/// The file's seal is checked before HDF5 sees it, so that accidental damage cannot crash the reader.
CellResult read_cell(const std::filesystem::path& path);

/// results/<study>.h5, built in memory, the same bytes for the same results. Layout: README "Reading results",
/// study_table.h and study_file.cpp.
std::string encode_study(const StudyHead& study, const StudyTable& cells);
std::string encode_study(const StudyResult& study);
/// Writes it durably, reads it back and compares. Throws Error.
void write_study(const std::filesystem::path& path, const StudyHead& study, const StudyTable& cells);
void write_study(const std::filesystem::path& path, const StudyResult& study);
/// Throws UsageError as read_cell does.
StudyResult read_study(const std::filesystem::path& path);

/// The cells that a study's file has, to be taken one by one.
struct StoredCells {
  StudyTable table;
  std::map<std::string, std::string> provenance;  ///< as StudyHead's
};
/// Throws UsageError as read_cell does.
StoredCells read_study_cells(const std::filesystem::path& path);
/// Their ids only.
std::vector<std::string> read_study_ids(const std::filesystem::path& path);
/// Their ids with their provenance, empty where none is known.
std::map<std::string, std::string> read_study_provenance(const std::filesystem::path& path);

}  // namespace klbench
