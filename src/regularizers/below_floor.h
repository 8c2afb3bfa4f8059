#pragma once

#include <torch/torch.h>

namespace klbench {

/// Of a batch with KL [B, d] and floor [d]: the dimensions [d] (bool) whose mean KL lies below the floor by more than
/// 1e-4 of it and the rounding of single precision: a KL near 0 is a difference of terms near 1, 1e-6 uncertain.
inline torch::Tensor below_floor(const torch::Tensor& kl, const torch::Tensor& floor) {
  const auto bound = floor.to(torch::kFloat64);
  return kl.mean(0, false, torch::kFloat64) < bound - (1e-4 * bound.abs() + 1e-6);
}

}  // namespace klbench
