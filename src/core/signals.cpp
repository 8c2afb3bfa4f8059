#include "core/signals.h"

#include <initializer_list>

namespace klbench {

sigset_t outside_signals() {
  sigset_t set;
  sigfillset(&set);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP}) {
    sigdelset(&set, signal);
  }
  return set;
}

SignalsKept::SignalsKept() {
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, nullptr, &actions_[static_cast<std::size_t>(signal)]);
}

SignalsKept::~SignalsKept() {  // KILL, STOP and the C library's own are refused, as they were above
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &actions_[static_cast<std::size_t>(signal)], nullptr);
}

}  // namespace klbench
