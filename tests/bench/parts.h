#pragma once

#include <string>
#include <vector>

#include "workload.h"

namespace klbench::bench {

/// What a part of the model takes of a training step.
struct Part {
  std::string name;  ///< "encoder", "decoder", "output": their matrix products; "optimiser"; "rest": all that is left
  double seconds;    ///< CPU time
  double flops = 0;  ///< of its products
};

/// The parts of a training step and the CPU seconds of the whole: products of its shapes are made alone, each as often
/// as a step makes it, the optimiser steps alone, and the rest is pointwise work.
struct Parts {
  double step;
  std::vector<Part> parts;
};

Parts parts_of_step(const Config& config, Mode mode);

}  // namespace klbench::bench
