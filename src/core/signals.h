#pragma once

#include <csignal>

namespace klbench {

/// Every signal that may come from outside at any time: all but those that a thread causes itself (SEGV, BUS, FPE, ILL,
/// ABRT, TRAP, SYS) and those that cannot be blocked.
///
/// A thread that computes must block them: oneDNN's JIT kernels run with the stack pointer inside a heap workspace, and
/// the kernel writes the frame of any handler below the stack pointer, over the heap.
sigset_t outside_signals();

}  // namespace klbench
