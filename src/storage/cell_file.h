#pragma once

#include <filesystem>
#include <string>

#include "storage/records.h"

namespace klbench {

/// The bytes of `<id>.h5`: built in memory (HDF5 core driver), the same bytes for the same result.
/// Layout: docs in README "Reading results".
std::string encode_cell(const CellResult& result);

/// Writes the file durably, reads it back and compares; returns its content hash. Throws Error.
std::string publish_cell(const std::filesystem::path& path, const CellResult& result);

/// Reads a cell file; throws UsageError naming path and dataset when it is damaged, or of another schema version.
CellResult read_cell(const std::filesystem::path& path);

/// results/<study>.h5 from its cells: /cells/<id>/..., dense [cell, epoch] arrays, figures, provenance.
void write_study(const std::filesystem::path& path, const StudyResult& study);
StudyResult read_study(const std::filesystem::path& path);

}  // namespace klbench
