#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace klbench {

/// What is known of a cell. Finished (published) are `done` and `diverged`.
enum class CellState { missing, running, done, diverged, failed, interrupted, stale };

std::string to_string(CellState state);
inline bool finished(CellState state) { return state == CellState::done || state == CellState::diverged; }

/// Exit codes of `klbench cell`, the worker process.
enum WorkerExit : int {
  kWorkerDone = 0,
  kWorkerFailed = 1,
  kWorkerUsage = 2,
  kWorkerDiverged = 3,
  kWorkerInterrupted = 4,
  kWorkerUnconfirmed = 5,  ///< it diverged, to be confirmed by a replay in a fresh process
  kWorkerStorage = 6,      ///< nothing more can be written where the results lie (StorageError)
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

/// The record of an attempt that left no finished cell, or of a diverged one: <id>.outcome.json.
struct Outcome {
  CellState state = CellState::failed;
  std::string reason;  ///< one line
  int attempts = 1;    ///< so far, over all runs
  std::vector<std::string> log_tail;
  /// Another attempt may end otherwise (crash, timeout, I/O error); bad input and divergence repeat themselves.
  bool retryable = true;
  /// To be tried again at once, whatever --retries says: a divergence is a result only when a replay confirms it.
  bool replay = false;
  /// Other cells would fail in the same way: the run ends.
  bool ends_run = false;
};

/// What an attempt's end means. `published`: the attempt left a new published file.
Outcome judge(const WorkerEnd& end, bool published);

void write_outcome(const std::filesystem::path& path, const Outcome& outcome);
/// Nothing where there is no record or it is damaged.
std::optional<Outcome> read_outcome(const std::filesystem::path& path);

/// "SIGSEGV (Segmentation fault)".
std::string signal_name(int signal);

}  // namespace klbench
