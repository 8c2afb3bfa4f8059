#pragma once

#include <torch/torch.h>

#include "metrics/estimate.h"

namespace klbench {

/// exp(total nll / predicted tokens) from nll [N], nats, and tokens [N] (end symbol counted, start symbol not).
double perplexity(const torch::Tensor& nll, const torch::Tensor& tokens);

/// Nats of z that pay for themselves, at most: mean(nll) - mean(rec) over the same examples. With the exact nll that is
/// kl minus what the posterior misses; with a bound that importance samples cannot tighten (a narrow posterior) it goes
/// up to kl, whatever the decoder does with z. Its error is the paired one over examples.
Estimate rate_used(const torch::Tensor& nll, const torch::Tensor& rec);

}  // namespace klbench
