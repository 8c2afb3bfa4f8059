#include "sweep/stop_signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::array<int, 2> kSignals = {SIGINT, SIGTERM};

std::atomic<int> signals_seen{0};
std::atomic<int> first_signal{0};
std::atomic<bool> stop_flag{false};
int wake_fd = -1;
std::array<struct sigaction, 2> previous;

void on_signal(int signal) {
  const int error = errno;
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  signals_seen.fetch_add(1);
  stop_flag.store(true);
  const std::uint64_t one = 1;
  if (::write(wake_fd, &one, sizeof one) < 0) {
    // The counter is full: whoever polls it wakes up all the same.
  }
  errno = error;
}

}  // namespace

StopSignals::StopSignals() {
  signals_seen = 0;
  first_signal = 0;
  stop_flag = false;
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) throw Error("cannot make an eventfd");
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &previous[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &previous[i], nullptr);
  ::close(wake_fd);
  wake_fd = -1;
}

int StopSignals::count() const { return signals_seen; }
int StopSignals::signal() const { return first_signal; }
const std::atomic<bool>& StopSignals::flag() const { return stop_flag; }
int StopSignals::fd() const { return wake_fd; }

void StopSignals::drain() {
  std::uint64_t value = 0;
  if (::read(wake_fd, &value, sizeof value) < 0) return;  // nothing had arrived
}

}  // namespace klbench
