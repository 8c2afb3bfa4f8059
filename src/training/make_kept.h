#pragma once

#include "config/cell_config.h"
#include "config/cell_files.h"

namespace klbench {

/// Makes the files of a finished cell that keep.* of its configuration asks for and that it has not, from its weights,
/// <id>.model: the same bytes as training leaves. Throws UsageError or Error
/// where the weights do not fit.
void make_kept_files(const CellConfig& config, const CellFiles& files);

}  // namespace klbench
