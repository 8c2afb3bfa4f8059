#pragma once

#include <cstdint>

#include "config/cell_config.h"
#include "metrics/split_pass.h"
#include "models/batches.h"
#include "training/optimizer.h"

namespace klbench {

/// trainer.* of a cell, whose help in core_options.cpp says what each is; what belongs to the process (device,
/// precision) is read where the process is set up.
struct TrainerOptions {
  explicit TrainerOptions(const CellConfig& config);

  std::int64_t epochs, steps;
  std::int64_t batch_size, accumulate;
  Batching batching;
  Optimizer::Kind optimizer;
  double lr, momentum, clip, decay;
  std::int64_t patience, max_decays, min_decay_epoch;
  std::int64_t checkpoint_every_steps;
};

/// Which evaluations a cell has: eval.* that is not how one is made (EvaluationOptions).
struct EvaluationPlan {
  explicit EvaluationPlan(const CellConfig& config);

  std::int64_t every;  ///< epochs
  bool mean_space;
  std::int64_t nll_check_examples;
};

/// How a cell is evaluated, with importance samples or without: a seed of its own, eval.* of the configuration.
EvaluationOptions evaluation_options(const CellConfig& config, bool with_nll = false);

}  // namespace klbench
