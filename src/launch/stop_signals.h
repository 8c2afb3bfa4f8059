#pragma once

namespace klbench {

/// While it lives, signals to the driver are noted instead of ending or stopping the process: INT, TERM, USR1 and HUP
/// (unless it is ignored, as under nohup) ask it to stop, TSTP (Ctrl-Z) to pause, CONT tells that it goes on. One
/// object at a time; the driver computes nothing (core/signals.h).
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// How many requests to stop arrived. What follows within a second of the first is the same request: timeout(1)
  /// signals its child and then the child's group.
  int count() const;
  /// The signal of the first request, or 0.
  int signal() const;
  /// Whether TSTP, or CONT, has arrived since this was last asked.
  bool take_pause();
  bool take_continue();
  /// Readable once a signal has arrived since the last drain(): for poll.
  int fd() const;
  void drain();
};

/// Whether a signal has asked to stop since the last StopSignals was made.
bool stop_requested();

}  // namespace klbench
