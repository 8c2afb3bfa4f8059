#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "launch/worker_end.h"
#include "storage/cell_progress.h"

namespace klbench {

/// One attempt to start: a worker program that speaks the protocol of worker_protocol.h.
struct LaunchSpec {
  std::size_t cell = 0;           ///< the caller's number of the cell, handed back with every event
  std::string id;                 ///< the cell's id, by which a later run finds it again
  std::vector<std::string> argv;  ///< program and arguments
  std::filesystem::path log;      ///< the worker's standard error is appended here
  std::filesystem::path result;   ///< what the worker publishes
  std::string before{};           ///< version_of(result) when it was asked for
  int attempt = 1;                ///< named in the log's heading
  double timeout = 0;             ///< seconds it may run, stopped time not counted; 0: no limit
  double memory_limit = 0;        ///< megabytes of resident set; 0: no limit
};

struct LaunchEvent {
  enum class Kind { progress, ended, note };
  Kind kind = Kind::progress;
  std::size_t cell = 0;
  CellProgress progress;  ///< kind progress
  WorkerEnd end;          ///< kind ended
  std::string note{};     ///< kind note: one line for people, of no cell
};

/// Starts workers and reports what becomes of them. One contract (tests/launch/contract_test.cpp) for every kind.
class Launcher {
 public:
  virtual ~Launcher() = default;
  /// Throws Error when the worker cannot be started.
  virtual void start(const LaunchSpec& spec) = 0;
  /// Events since the last call; waits for the first at most `timeout_ms`, less when `wake_fd` becomes readable (-1:
  /// none).
  virtual std::vector<LaunchEvent> wait(int timeout_ms, int wake_fd = -1) = 0;
  /// Asks every worker to write a checkpoint and leave.
  virtual void request_stop() = 0;
  /// Stops every worker where it is, and lets them go on.
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// Ends every worker at once.
  virtual void kill_all() = 0;
  /// Cells that an earlier run started and that may be under way still, with their LaunchSpec::before: start() takes
  /// them up again.
  virtual std::map<std::string, std::string> under_way() const { return {}; }
  /// All that was started has been handed over: this process may end, where outlives_driver().
  virtual bool settled() const { return true; }
  /// Workers go on when this process ends.
  virtual bool outlives_driver() const { return false; }
};

}  // namespace klbench
