#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/study.h"
#include "sweep/identity.h"

namespace klbench {

/// One cell to train: its configuration with nothing left to resolve, and its identity.
struct PlannedCell {
  std::string id;  ///< 16 hexadecimal digits
  CellConfig config;
  Identity identity{};
};

/// A study ready to run. `study.cells` is empty: they are in `cells`.
struct Plan {
  Study study;
  /// In the order of the grid, each id once; what one of several keeps, it keeps.
  std::vector<PlannedCell> cells;
  std::vector<std::string> warnings;  ///< about the data, a line each
};

/// What a study may say: the core options, the components that are built in, and those of plugins. Throws UsageError
/// when two of a kind have the same key.
Schema full_schema(const Components& of_plugins = {});

/// Resolves trainer.precision, loads each distinct dataset once for its hash, and names the cells. Writes nothing.
/// `plugin_hashes`: see identity_of. Throws UsageError for bad data, and for data that cannot serve a cell
/// (plan_data.h).
Plan make_plan(Study study, const std::map<std::string, std::string>& plugin_hashes = {});

/// A line for every cell that the grids name more than once: "cells 3 and 7 are the same: bn_vae, seed 0".
std::vector<std::string> twin_lines(const Plan& plan);

/// The plan as lines of aligned columns under a header: id, method, seed, and the options whose values differ between
/// cells (empty where a cell has no such option).
std::string plan_table(const Plan& plan);

}  // namespace klbench
