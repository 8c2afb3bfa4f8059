#pragma once

#include <array>
#include <csignal>

namespace klbench {

/// Every signal that may come from outside at any time: all but those that a thread causes itself (SEGV, BUS, FPE, ILL,
/// ABRT, TRAP, SYS) and those that cannot be blocked.
///
/// A thread that computes must block them: oneDNN's JIT kernels run with the stack pointer inside a heap workspace, and
/// the kernel writes the frame of any handler below the stack pointer, over the heap.
sigset_t outside_signals();

/// Gives every signal, at its end, the action that it had at its beginning. What comes with LibTorch may set others as
/// it is loaded (with 2.6 of Debian 13 an ignored SIGHUP is caught, so that nohup would not keep a run going).
class SignalsKept {
 public:
  SignalsKept();
  ~SignalsKept();
  SignalsKept(const SignalsKept&) = delete;
  SignalsKept& operator=(const SignalsKept&) = delete;

 private:
  std::array<struct sigaction, NSIG> actions_{};
};

}  // namespace klbench
