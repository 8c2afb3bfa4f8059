#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/study.h"

namespace klbench {

inline constexpr std::size_t kIdDigits = 16;

/// One cell to train: its configuration with nothing left to resolve, and its identity.
struct PlannedCell {
  std::string id;  ///< 16 hexadecimal digits
  CellConfig config;
};

/// A study ready to run. `study.cells` is empty: they are in `cells`.
struct Plan {
  Study study;
  std::vector<PlannedCell> cells;     ///< in the order of the grid, each id once
  std::vector<std::string> warnings;  ///< about the data, a line each
};

/// What a study may say: the core options, the datasets and the remedies of this process, and those of probed plugins.
/// Throws UsageError when two remedies have the same key.
Schema full_schema(const std::vector<ComponentSpec>& plugin_specs = {});

/// Identity of a resolved configuration: the first 16 hexadecimal digits of the XXH3-128 of its canonical text
/// without paths, the data's hash, the hashes of the plugins whose remedies it uses, and kNumericsVersion.
/// `plugin_hashes`: regularizer key -> content hash of the .so that defines it.
std::string cell_id(const CellConfig& config, const std::string& data_hash,
                    const std::map<std::string, std::string>& plugin_hashes);

/// Resolves trainer.precision, loads each distinct dataset once for its hash, and names the cells. Writes nothing.
/// Throws UsageError for bad data, and for data that cannot serve a cell (plan_data.h).
Plan make_plan(Study study, const std::map<std::string, std::string>& plugin_hashes = {});

/// The plan as lines of aligned columns under a header: id, method, seed, and the options whose values differ between
/// cells (empty where a cell has no such option).
std::string plan_table(const Plan& plan);

}  // namespace klbench
