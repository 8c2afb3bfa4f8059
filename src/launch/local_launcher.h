#pragma once

#include <cstddef>
#include <memory>

#include "launch/launcher.h"

namespace klbench {

/// Workers as child processes of this one: posix_spawn, each in a process group of its own with all outside signals
/// blocked (WorkerSignals takes them), watched through pidfd and poll, reaped with wait4. Workers still alive when the
/// launcher is destroyed are killed. `gpus` > 0: each worker sees one card (CUDA_VISIBLE_DEVICES), that with the fewest
/// workers of those that this process sees, or of 0 .. gpus-1.
std::unique_ptr<Launcher> make_local_launcher(std::size_t gpus = 0);

}  // namespace klbench
