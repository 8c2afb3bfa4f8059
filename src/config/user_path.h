#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"

namespace klbench {

/// `text` as a shell would take it: a leading "~" is the home folder, a leading "$NAME" or "${NAME}" a variable of the
/// environment. Throws UsageError at `place` for "~user" and for variables that are not set.
std::string expand_user(const std::string& text, const Place& place);

/// The absolute path that `text` is at `place`: relative to the file there; to the working folder where the place has
/// no line (the command line).
std::filesystem::path resolve_path(const std::string& text, const Place& place);

/// The extension of a path in small letters: ".yaml", ".h5", or nothing.
std::string file_suffix(const std::filesystem::path& path);

}  // namespace klbench
