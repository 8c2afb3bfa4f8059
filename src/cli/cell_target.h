#pragma once

#include <filesystem>
#include <string>

#include "storage/records.h"

namespace klbench {

/// The file <id><suffix> that `cell` means on the command line: its path, with or without .h5 or .model behind the id,
/// or results/<study>/<id>, <study>/<id> (a study under `results`) or <id> (of any study there), where the beginning of
/// the id is enough if only one such file has it. Throws UsageError that lists those that have it, or says where it
/// looked.
std::filesystem::path find_cell_file(const std::string& cell, const std::string& results, const std::string& suffix);

/// A cell with its provenance (StudyHead::provenance; empty where none is known).
struct TargetCell {
  std::string study;
  CellResult result;
  std::string provenance;
};

/// The cell that `cell` means as in find_cell_file, of a file of its own or of that of its study,
/// results/<study>.h5. Throws UsageError.
TargetCell read_cell_target(const std::string& cell, const std::string& results);

}  // namespace klbench
