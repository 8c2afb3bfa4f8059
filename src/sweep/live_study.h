#pragma once

#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/cell_status.h"
#include "storage/records.h"
#include "sweep/cell_states.h"
#include "sweep/runner.h"

namespace klbench {

/// One cell as its files tell of it.
struct LiveCell {
  std::string row;                                       ///< its label without the seed
  std::string state;                                     ///< as state_name calls it
  double epochs_done = 0;                                ///< recorded; of a batch system's cells as far as they say
  double epochs = 0;                                     ///< 0: not known
  double seconds = 0;                                    ///< that those took; 0: not known
  double kl = std::numeric_limits<double>::quiet_NaN();  ///< on valid, last evaluated
  double valid_elbo = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::pair<double, double>> curve{};  ///< the metric by epoch
};

/// A study while it runs, by its files alone: nothing is locked, nothing written. The curves are of one metric.
class LiveStudy {
 public:
  LiveStudy(ResultsLayout layout, const std::vector<CellTask>& cells, std::string split, std::string metric);

  /// Reads what has changed. Results of many cells are read over several calls, a second at a time.
  void look();

  const std::string& name() const { return layout_.study; }
  const std::string& split() const { return split_; }
  const std::string& metric() const { return metric_; }
  const std::vector<LiveCell>& cells() const { return cells_; }
  /// Metrics that epochs record on the split.
  const std::set<std::string>& recorded() const { return recorded_; }
  /// state -> cells in it.
  std::map<std::string, std::size_t> counts() const;
  /// A driver, or a batch system, is at it.
  bool is_running() const { return running_; }
  /// There are results that another look() would read.
  bool is_unread() const { return !all_read_; }
  /// Every cell has its result, which was read or, where nobody is at it, is in the study's file alone, or failed with
  /// nobody to try it again.
  bool is_over() const;
  /// As that of a run, from what was trained since it began; negative: not known.
  double remaining() const;

 private:
  void look_at_file();
  void look_at(std::size_t cell, const CellSituation& situation);
  void take(LiveCell& cell, const std::vector<EpochRecord>& epochs);
  void measure(std::size_t cell, bool is_done);

  ResultsLayout layout_;
  std::string split_, metric_;
  std::vector<std::string> ids_;
  std::vector<LiveCell> cells_;
  std::vector<std::string> seen_;  ///< what was read of each cell
  std::string file_seen_;          ///< and of the study's file
  std::set<std::string> in_file_;  ///< ids of its cells
  std::set<std::string> recorded_;
  bool running_ = false, all_read_ = false;
  std::set<std::size_t> trained_;  ///< cells that this run has finished
};

}  // namespace klbench
