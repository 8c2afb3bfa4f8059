#pragma once

#include <termios.h>

#include <csignal>
#include <string>
#include <vector>

#include "launch/stop_signals.h"

namespace klbench {

/// The whole terminal at standard output while it lives: the other screen, no cursor, keys without an echo. What it was
/// before comes back with its end, and while Ctrl-Z has it.
class WatchScreen {
 public:
  WatchScreen();
  WatchScreen(const WatchScreen&) = delete;
  WatchScreen& operator=(const WatchScreen&) = delete;
  ~WatchScreen();

  void show(const std::vector<std::string>& lines);
  enum class Event { time, resized, quit };
  /// Waits for so many seconds, a change of size, "q" or a signal to stop.
  Event wait(double seconds);
  /// The signal that asked to stop, or 0.
  int signal() const { return stop_.signal(); }

 private:
  void enter();
  void leave();
  void pause();

  StopSignals stop_;
  termios before_{};
  bool has_keys_;  // reads before_, which stands above it
  sigset_t mask_{};
  struct sigaction resize_before_ {};
};

}  // namespace klbench
