#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "launch/batch_system.h"
#include "launch/launcher.h"

namespace klbench {

struct BatchOptions {
  std::filesystem::path jobs;      ///< results/<study>/jobs, which driver and tasks share
  std::string study;               ///< part of jobs' names
  std::string program;             ///< what a task runs: klbench
  std::size_t cells_per_task = 0;  ///< 0: as few as leave at most 256 tasks
  double poll_seconds = 5;         ///< between two questions to the system
  double settle_seconds = 8;       ///< after which what a task that is gone has written is seen here, too
  double busy_seconds = 15;        ///< before a busy system is asked again
};

/// Cells as tasks of a batch system. What start() was given goes out together at the next wait(), after the intent was
/// written (submissions.h): a driver that dies at any point finds its tasks again. What runs is watched through files.
/// A task that is gone with cells that have not ended (a node that died, a time limit) goes out again, up to three
/// times in a row; then its cells have failed. Results are the truth: that a cell runs twice does no harm.
std::unique_ptr<Launcher> make_batch_launcher(std::unique_ptr<BatchSystem> system, BatchOptions options);

/// Ends every job of a study: its tasks write a checkpoint and leave. Returns the cells of those jobs. Throws
/// BatchBusy.
std::size_t cancel_jobs(BatchSystem& system, const std::filesystem::path& jobs, const std::string& study);

}  // namespace klbench
