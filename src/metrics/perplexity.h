#pragma once

#include <torch/torch.h>

#include "metrics/estimate.h"

namespace klbench {

/// exp(total nll / predicted tokens) from nll [N], nats, and tokens [N] (end symbol counted, start symbol not).
double perplexity(const torch::Tensor& nll, const torch::Tensor& tokens);

/// Nats of z that pay for themselves: mean(nll) - mean(rec) over the same examples, that is kl minus what the posterior
/// misses; the rest of kl is paid and unused. Its error is the paired one over examples.
Estimate rate_used(const torch::Tensor& nll, const torch::Tensor& rec);

}  // namespace klbench
