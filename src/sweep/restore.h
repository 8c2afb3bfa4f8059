#pragma once

#include <map>
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

/// Before the study's file is written without them: the cells that it has and that are none of `tasks` get files of
/// their own where they have none; returns the number of these cells. 0 where the file is damaged.
std::size_t keep_other_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout);

}  // namespace klbench
