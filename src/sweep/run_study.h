#pragma once

#include <string>
#include <vector>

#include "storage/records.h"
#include "sweep/open_study.h"
#include "sweep/runner.h"

namespace klbench {

/// A `run`: refuses the results of another file (check_owner), takes the study's lock (throws Error naming the holder),
/// takes back cells that only results/<study>.h5 holds, records the plan, makes kept files that finished cells lack,
/// trains what is not finished and collects results/<study>.h5. `settings` and `plugins` are those of the command line.
RunSummary run_study(const Study& study, const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                     const std::vector<std::string>& settings, const std::vector<std::string>& plugins,
                     const RunOptions& options);

/// What collect_study writes, in memory: it takes no lock and changes nothing, so a run may be going on.
StudyResult gather_study(const Study& study, const std::vector<std::string>& settings,
                         const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// What collect_study could not take from the published cells.
struct CollectReport {
  std::vector<std::string> missing;  ///< ids of the grid that the file lacks
  std::vector<std::string> damaged;  ///< cells whose file is damaged, a line each
};

/// Writes results/<study>.h5 from the published cells. A cell of the grid that is not (or no longer) published is kept
/// from the file that stands there (a damaged one is set aside); cells of another grid in it are left out, with a
/// warning. `settings` (--set) are noted below the study's text.
CollectReport collect_study(const Study& study, const std::vector<std::string>& settings,
                            const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// True when results/<study>.h5 is what collect_study would write again: same cells, same figures, untouched since.
bool is_collected(const Study& study, const std::vector<std::string>& settings, const std::vector<CellTask>& tasks,
                  const ResultsLayout& layout);

}  // namespace klbench
