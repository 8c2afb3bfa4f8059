#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "config/kept_files.h"
#include "launch/registry.h"
#include "sweep/identity.h"
#include "sweep/layout.h"
#include "sweep/progress_view.h"
#include "sweep/run_summary.h"
#include "sweep/schedule.h"

namespace klbench {

/// One cell of the grid as the runner sees it.
struct CellTask {
  std::string id;
  std::string label;   ///< for people, see labels.h
  std::string config;  ///< CellConfig::canonical(), the identity as comments below it
  KeptFiles kept{};    ///< beside its result
  Identity identity{};
  std::vector<std::string> tags{};
};

struct RunOptions {
  RunPolicy policy;
  std::size_t workers = 1;
  double timeout = 0;  ///< seconds for one attempt; 0: no limit
  double max_rss = 0;  ///< megabytes; 0: no limit
  ProgressStyle progress = ProgressStyle::lines;
  bool take_over = false;  ///< the results of another file that names the same study
  LauncherChoice launcher{};
  bool detach = false;  ///< leave once all cells are handed to the batch system
  std::vector<std::string> plugins;
  /// What starts a worker; the arguments of a cell are appended. Empty: this program's `cell` subcommand.
  std::vector<std::string> worker;
};

/// Trains the cells of a grid that are not finished; publishes nothing itself: a cell is done when its worker left a
/// verified file, which then goes into the manifest. The caller holds the study's lock.
/// A request to stop (StopSignals) once: workers write a checkpoint and leave; twice: they are killed. Ctrl-Z stops the
/// workers too. A divergence is replayed in a fresh process before it counts. Cells of a batch system outlive the
/// driver: there a request to stop leaves them running, and they are taken up again by the next run.
RunSummary run_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout, const RunOptions& options,
                     Launcher& launcher);

}  // namespace klbench
