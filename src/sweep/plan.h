#pragma once

#include <cstddef>
#include <map>
#include <optional>
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
  std::vector<std::string> tags{};  ///< sorted
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

/// A line for every cell that the grids name more than once: "s.yaml: cells 3 and 7 are the same: vae, seed 0".
std::vector<std::string> twin_lines(const Plan& plan);

/// A plan as columns: id, method, seed, the options whose values differ between cells, and tags (between commas) where
/// cells have some. Nothing where a cell has no such option.
struct PlanColumns {
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<Value>>> rows;  ///< of each cell
};
PlanColumns plan_columns(const Plan& plan);

/// They as aligned lines under a header.
std::string plan_table(const Plan& plan);

}  // namespace klbench
