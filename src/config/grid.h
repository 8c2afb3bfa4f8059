#pragma once

#include <deque>
#include <string>
#include <vector>

#include "config/axes.h"
#include "config/cell_config.h"

namespace klbench {

/// Everything a study says about its cells, before expansion.
struct GridInput {
  Settings base;                         ///< options outside the sweep, includes first
  std::vector<std::vector<Axis>> grids;  ///< one list of axes a grid; their union is the study
  std::vector<Axis> cli;                 ///< --set: replaces an axis of the same name, overrides everything else
  const YamlNode* exclude = nullptr;     ///< list of maps, or null
  Place place;                           ///< of the sweep, for errors about the whole grid
};

/// The cells of all grids in order: axes nest as written, the first outermost, the last one fastest; doubles are
/// removed. Precedence: option default < base < an entry's own options < axes < cli. Every cell is validated, excluded
/// ones apart. Throws UsageError.
std::vector<CellConfig> expand_grids(const GridInput& input, const OptionNames& names, std::deque<YamlNode>& made);

/// The one cell of settings and a composition, checked like a cell of a grid.
CellConfig single_cell(const Settings& settings, const Composition& composition, const OptionNames& names);

}  // namespace klbench
