#pragma once

#include <filesystem>

namespace klbench {

/// Renames a file that cannot be used but may be somebody's work to <file>.edited, or <file>.edited.2, ... where there
/// is one, durably; returns the new path. Throws Error.
std::filesystem::path set_aside(const std::filesystem::path& path);

}  // namespace klbench
