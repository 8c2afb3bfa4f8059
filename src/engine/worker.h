#pragma once

#include "sweep/engine.h"

namespace klbench {

/// Engine::run_worker.
int run_worker(const WorkerRequest& request);

}  // namespace klbench
