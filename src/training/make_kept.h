#pragma once

#include <filesystem>

#include "config/cell_config.h"

namespace klbench {

/// Makes the files of a finished cell that keep.* of its configuration asks for and that are not beside `base`
/// (results/<study>/<id>) from its weights, <id>.model: the same bytes as training leaves. Throws UsageError or Error
/// where the weights do not fit.
void make_kept_files(const CellConfig& config, const std::filesystem::path& base);

}  // namespace klbench
