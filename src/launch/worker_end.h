#pragma once

#include <string>
#include <vector>

namespace klbench {

/// Exit codes of `klbench cell`, the worker process.
enum WorkerExit : int {
  kWorkerDone = 0,
  kWorkerFailed = 1,
  kWorkerUsage = 2,
  kWorkerDiverged = 3,
  kWorkerInterrupted = 4,
  kWorkerUnconfirmed = 5,  ///< it diverged, to be confirmed by a replay in a fresh process
  kWorkerStorage = 6,      ///< nothing more can be written where the results lie (StorageError)
  kWorkerLocked = 7,       ///< another process is at the cell
};

/// How one attempt of a worker process ended, as its launcher saw it.
struct WorkerEnd {
  int exit_code = -1;                 ///< -1 when a signal ended it
  int signal = 0;                     ///< the signal that ended it, or 0
  double seconds = 0;                 ///< wall time
  double peak_megabytes = 0;          ///< largest resident set
  double timeout = 0;                 ///< > 0: killed because it ran longer than this many seconds
  double memory_limit = 0;            ///< > 0: killed because it used more than this many megabytes
  bool stop_requested = false;        ///< it had been told to stop
  std::string error;                  ///< the worker's own error message, or empty
  std::vector<std::string> log_tail;  ///< last lines of its log
};

}  // namespace klbench
