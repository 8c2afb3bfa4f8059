#pragma once

#include <torch/torch.h>

namespace klbench {

/// Of a batch with mean KL [d] and floor [d], both double: the dimensions [d] (bool) whose KL lies below the floor by
/// more than 1e-4 of it and the rounding of single precision: a KL near 0 is a difference of terms near 1, 1e-6
/// uncertain.
inline torch::Tensor below_floor(const torch::Tensor& mean_kl, const torch::Tensor& floor) {
  return mean_kl - floor < -(1e-4 * floor.abs() + 1e-6);
}

}  // namespace klbench
