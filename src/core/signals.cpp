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

}  // namespace klbench
