#pragma once

#include <atomic>

namespace klbench {

/// While it lives, SIGINT and SIGTERM are counted instead of ending the process. One at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// How many arrived.
  int count() const;
  /// The first that arrived, or 0.
  int signal() const;
  /// Set by the first one: what run_cell watches.
  const std::atomic<bool>& flag() const;
  /// Readable once a signal has arrived since the last drain(): for poll.
  int fd() const;
  void drain();
};

}  // namespace klbench
