#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "config/metric.h"
#include "data/batches.h"
#include "models/vae.h"

namespace klbench {

/// One pass over a split at fixed weights: everything the metrics share. Rows in the order of the data.
struct SplitPass {
  Posterior decoder_posterior;  ///< [N, d], the posterior that feeds the decoder
  torch::Tensor z;              ///< [N, d], one sample per x
  torch::Tensor kl_dim;         ///< [N, d] raw KL of decoder_posterior, nats
  torch::Tensor rec;            ///< [N] -log p(x|z), nats, summed over tokens
  torch::Tensor tokens;         ///< [N] predicted tokens (int64)
};

/// How an evaluation is made. `seed` makes its own generator: evaluating never touches the training's random state.
struct EvaluationOptions {
  std::uint64_t seed = 0;
  std::int64_t batch_size = 64;
  std::int64_t nll_samples = 500;   ///< K
  std::int64_t nll_examples = 0;    ///< 0: the whole split
  double nll_tolerance = 0;
  bool with_nll = true;             ///< nll, ppl, rate_used, and what else is too dear for every epoch
  Progress progress;                ///< mode eval or eval_running
};

SplitPass pass_over(TextVae& model, const Sentences& split, const EvaluationOptions& options);

/// All metrics of DESIGN "Metrics" that apply to the model (a language model has rec, nll, ppl only), each with its
/// estimator and sample count as attributes.
FinalMetrics evaluate(TextVae& model, const Sentences& split, const EvaluationOptions& options);

}  // namespace klbench
