#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sweep/outcome.h"

namespace klbench {

/// What a run may do with the cells it finds.
struct RunPolicy {
  /// Empty: every unfinished cell. "failed": those whose last attempt failed; "interrupted": those that were stopped or
  /// died with their driver (stale); "missing": those never started.
  std::string only;
  bool retrain = false;           ///< finished cells are trained again
  bool retry_diverged = false;    ///< diverged cells are trained again
  std::set<std::size_t> again{};  ///< finished cells that are trained again, for the files kept beside them
  int retries = 0;                ///< further attempts of a cell that failed in a way that may not repeat
  bool fail_fast = false;         ///< after the first failure or divergence nothing more is started
};

/// Values of RunPolicy::only.
const std::vector<std::string>& only_choices();

/// Decides which cell starts next; knows no process, file or clock. Cells are numbers: positions in the plan.
class Schedule {
 public:
  /// `before`: the state of every cell when the run starts (`running` cells belong to someone else and are left alone).
  Schedule(std::vector<CellStatus> before, const RunPolicy& policy);

  /// The next cell to start, now `running`; none when all are started or the schedule was stopped.
  std::optional<std::size_t> next();
  /// The attempt of a running cell ended. True when the cell will be tried again: a divergence to be replayed next, a
  /// failed cell behind those that wait.
  bool ended(std::size_t cell, const Outcome& outcome);
  /// Starts nothing more; what waits keeps the state it had.
  void stop() { stopped_ = true; }

  bool idle() const { return running_ == 0 && (stopped_ || queue_.empty()); }
  bool stopped() const { return stopped_; }
  std::size_t running() const { return running_; }
  std::size_t waiting() const { return queue_.size(); }
  const std::vector<CellStatus>& states() const { return states_; }
  /// Cells this run was asked to care for: their states decide its exit code.
  const std::vector<bool>& selected() const { return selected_; }
  std::size_t count(CellStatus state) const;

 private:
  RunPolicy policy_;
  std::vector<CellStatus> states_;
  std::vector<bool> selected_;
  std::vector<int> retries_left_;
  std::deque<std::size_t> queue_;
  std::size_t running_ = 0;
  bool stopped_ = false;
};

}  // namespace klbench
