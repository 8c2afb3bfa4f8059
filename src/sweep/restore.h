#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sweep/layout.h"
#include "sweep/runner.h"

namespace klbench {

/// The cells of `tasks` that have no file of their own but are in results/<study>.h5, with their run.json (empty where
/// it is not known). None where that file is damaged: the run says so.
std::map<std::string, std::string> restorable_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// Writes these cells back into the study's folder, byte for byte what they were, with what is known of their runs;
/// returns their number. A damaged study file is set aside, with a warning.
std::size_t restore_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// The same of those of `ids` that have no file of their own. Throws UsageError where the study file is damaged.
std::size_t write_back(const std::set<std::string>& ids, const ResultsLayout& layout);

}  // namespace klbench
