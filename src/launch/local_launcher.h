#pragma once

#include <memory>

#include "launch/launcher.h"

namespace klbench {

/// Workers as child processes of this one: posix_spawn, each in a process group of its own with all outside signals
/// blocked (WorkerSignals takes them), watched through pidfd and poll, reaped with wait4. Workers still alive when the
/// launcher is destroyed are killed.
std::unique_ptr<Launcher> make_local_launcher();

}  // namespace klbench
