#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sweep/cell_states.h"
#include "sweep/layout.h"
#include "sweep/runner.h"

namespace klbench {

/// What a run would do with one cell of the grid, and why.
struct CellFate {
  bool reused = false;
  bool starts = false;            ///< a worker trains it; neither: left alone (running elsewhere, not selected)
  std::string why;                ///< "seed 2 instead of 0", "goes on from its checkpoint"
  std::optional<double> seconds;  ///< that training may take; empty: unknown
  std::string other_cpu;          ///< of a reused cell that another CPU type trained
};

/// What the study's files say of every task's cell.
std::vector<CellSituation> examine_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// One fate a task, from the files of the study; changes nothing.
std::vector<CellFate> foresee(const std::vector<CellTask>& tasks, const ResultsLayout& layout, const RunPolicy& policy);

/// "tiny: 9 cells, 6 reused, 3 to train" and below it how many are trained for which reason, and how many of the reused
/// another CPU type trained.
std::vector<std::string> reuse_lines(const std::string& study, const std::vector<CellFate>& fates);

/// "estimated time: 12 min with 2 workers", as far as finished cells tell.
std::string estimate_line(const std::vector<CellFate>& fates, std::size_t workers);

}  // namespace klbench
