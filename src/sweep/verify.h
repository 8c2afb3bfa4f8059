#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/cell_status.h"

namespace klbench {

/// What reading a cell file found.
struct CellVerdict {
  std::filesystem::path path;
  bool ok = false;
  std::string id;                           ///< of the cell in the file
  CellStatus status = CellStatus::missing;  ///< done or diverged
  std::string reason;                       ///< of a diverged one: quantity and step
  std::string hash;                         ///< XXH3-128 of the file
  std::string problem;                      ///< one line, where it is not ok
};

/// Reads a cell file in this process: checksums of every dataset, schema, and that writing what was read gives the same
/// bytes again. A damaged file may crash the HDF5 library: see verify_in_child.
CellVerdict verify_cell(const std::filesystem::path& path);

/// JSON on one line, and back.
std::string verdict_line(const CellVerdict& verdict);

/// verify_cell of every file in child processes (`klbench verify --machine`), so that one that crashes or hangs the
/// library is a verdict like any other; in the order of `paths`.
std::vector<CellVerdict> verify_in_child(const std::vector<std::filesystem::path>& paths);

}  // namespace klbench
