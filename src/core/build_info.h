#pragma once

#include <string>

namespace klbench {

/// Raised whenever a change of the code changes the numbers a cell computes; part of every cell's id.
inline constexpr int kNumericsVersion = 4;
/// Layout of the HDF5 files; readers refuse others.
inline constexpr int kSchemaVersion = 2;
/// Interface of engine/plugin_api.h; plugins of another version are refused by `klbench probe`.
inline constexpr int kPluginApiVersion = 12;

/// Version of klbench, e.g. "0.1.0".
std::string version();
/// Git revision of the source tree at build time with "-dirty" where it had changes; "unknown" outside git.
std::string git_revision();

}  // namespace klbench
