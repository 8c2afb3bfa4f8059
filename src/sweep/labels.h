#pragma once

#include <string>
#include <vector>

#include "config/cell_config.h"

namespace klbench {

/// A short name for every cell that tells it from the others: its method and the options that vary among the cells that
/// have them, e.g. "bn_vae gamma=0.6 seed=1".
std::vector<std::string> cell_labels(const std::vector<const CellConfig*>& cells);

}  // namespace klbench
