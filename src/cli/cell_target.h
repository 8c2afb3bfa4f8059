#pragma once

#include <filesystem>
#include <string>

namespace klbench {

/// The file <id><suffix> that `cell` means on the command line: its path, with or without .h5 or .model behind the id,
/// or results/<study>/<id>, <study>/<id> (a study under `results`) or <id> (of any study there), where the beginning of
/// the id is enough if only one such file has it. Throws UsageError that lists those that have it, or says where it
/// looked.
std::filesystem::path find_cell_file(const std::string& cell, const std::string& results, const std::string& suffix);

}  // namespace klbench
