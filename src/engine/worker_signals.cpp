#include "engine/worker_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "core/process.h"
#include "core/signals.h"

namespace klbench {

namespace {

constexpr timespec kLookAtDriver = {0, 200'000'000};
constexpr int kWakeUp = SIGUSR2;  // has no meaning of its own here

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// The process ends as if nobody had blocked the signal.
void end_by(int signal) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  std::signal(signal, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::kill(::getpid(), signal);
}

}  // namespace

WorkerSignals::WorkerSignals(pid_t driver) : driver_(driver), ignores_hangup_(is_ignored(SIGHUP)) {
  const sigset_t set = outside_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { watch(); });
}

WorkerSignals::~WorkerSignals() {
  ended_ = true;
  ::pthread_kill(thread_.native_handle(), kWakeUp);
  thread_.join();
}

void WorkerSignals::watch() {
  const sigset_t set = outside_signals();
  while (!ended_) {
    switch (const int signal = ::sigtimedwait(&set, nullptr, &kLookAtDriver)) {
      case SIGHUP:
        if (!ignores_hangup_) stop_ = true;
        break;
      case SIGINT:
      case SIGTERM:
      case SIGUSR1:
      case SIGXCPU:
        stop_ = true;
        break;
      case SIGTSTP:
      case SIGTTIN:
      case SIGTTOU:
        ::kill(::getpid(), SIGSTOP);
        break;
      case SIGQUIT:
        end_by(signal);
        break;
      case -1:  // nothing came
        if (driver_ != 0 && is_stopped(driver_)) ::kill(::getpid(), SIGSTOP);
        break;
      default:
        break;
    }
  }
}

}  // namespace klbench
