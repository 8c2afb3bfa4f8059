#pragma once

#include <torch/torch.h>

namespace klbench::nn {

/// -log Bernoulli(x; sigmoid(logits)), nats, summed over the last dimension.
inline torch::Tensor bernoulli_nll(const torch::Tensor& logits, const torch::Tensor& x) {
  return (torch::softplus(logits) - x * logits).sum(-1);
}

}  // namespace klbench::nn
