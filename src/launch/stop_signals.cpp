#include "launch/stop_signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::array<int, 6> kSignals = {SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGTSTP, SIGCONT};
constexpr std::int64_t kSameRequest = 1'000'000'000;  // nanoseconds

std::atomic<int> requests{0};
std::atomic<int> first_signal{0};
std::atomic<std::int64_t> first_time{0};
std::atomic<bool> pause_flag{false};
std::atomic<bool> continue_flag{false};
int wake_fd = -1;
std::array<struct sigaction, kSignals.size()> previous;

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void note_request(int signal) {
  int none = 0;
  if (first_signal.compare_exchange_strong(none, signal)) {
    first_time = now();
    requests = 1;
  } else if (now() - first_time > kSameRequest) {
    requests.fetch_add(1);
  }
}

void on_signal(int signal) {
  const int error = errno;
  if (signal == SIGTSTP) {
    pause_flag = true;
  } else if (signal == SIGCONT) {
    continue_flag = true;
  } else {
    note_request(signal);
  }
  const std::uint64_t one = 1;
  if (::write(wake_fd, &one, sizeof one) < 0) {
    // The counter is full: whoever polls it wakes up all the same.
  }
  errno = error;
}

}  // namespace

StopSignals::StopSignals() {
  requests = 0;
  first_signal = 0;
  pause_flag = false;
  continue_flag = false;
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) throw Error("cannot make an eventfd");
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &previous[i]);
    const bool may_be_ignored = kSignals[i] == SIGHUP || kSignals[i] == SIGTSTP;
    if (may_be_ignored && previous[i].sa_handler == SIG_IGN) continue;
    ::sigaction(kSignals[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &previous[i], nullptr);
  ::close(wake_fd);
  wake_fd = -1;
}

bool stop_requested() { return requests > 0; }

int StopSignals::count() const { return requests; }
int StopSignals::signal() const { return first_signal; }
bool StopSignals::take_pause() { return pause_flag.exchange(false); }
bool StopSignals::take_continue() { return continue_flag.exchange(false); }
int StopSignals::fd() const { return wake_fd; }

void StopSignals::drain() {
  std::uint64_t value = 0;
  if (::read(wake_fd, &value, sizeof value) < 0) return;  // nothing had arrived
}

}  // namespace klbench
