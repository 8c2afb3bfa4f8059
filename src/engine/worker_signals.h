#pragma once

#include <sys/types.h>

#include <atomic>
#include <thread>

namespace klbench {

/// Takes every signal to a worker in a thread of its own, so that no handler ever runs on the stack of a thread that
/// computes (core/signals.h). INT, TERM, USR1, XCPU and HUP (unless ignored) set flag(); TSTP, TTIN and TTOU stop the
/// process; QUIT ends it; all others have no effect. The worker also stops while its driver is stopped, which then
/// continues it.
///
/// Made before anything computes; the thread that makes it, and all that it starts later, keep the signals blocked.
class WorkerSignals {
 public:
  /// `driver`: the process that started this one; 0: none.
  explicit WorkerSignals(pid_t driver);
  WorkerSignals(const WorkerSignals&) = delete;
  WorkerSignals& operator=(const WorkerSignals&) = delete;
  ~WorkerSignals();

  /// Set by the first request to leave: what run_cell watches.
  const std::atomic<bool>& flag() const { return stop_; }

 private:
  void watch();

  pid_t driver_;
  bool ignores_hangup_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace klbench
