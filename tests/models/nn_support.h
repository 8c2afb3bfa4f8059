#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "models/nn/gemm.h"
#include "models/precision.h"

namespace klbench::nn {

/// Puts the process-wide choices of the fast layers back when a test ends.
struct ChoicesGuard {
  Backend backend = f32_backend();
  ~ChoicesGuard() {
    set_precision("f32");
    set_fused(true);
    set_f32_backend(backend);
  }
};

/// |a - b| / |b|, norms over all elements; |a - b| where b is zero.
inline double distance(const torch::Tensor& a, const torch::Tensor& b) {
  const auto difference = (a - b).to(torch::kDouble).norm().item<double>(),
             size = b.to(torch::kDouble).norm().item<double>();
  return size > 0 ? difference / size : difference;
}

/// Copies of the gradients of `tensors`, dropped from them; zeros where there is none.
inline std::vector<torch::Tensor> take_gradients(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> gradients;
  for (const auto& tensor : tensors) {
    gradients.push_back(tensor.grad().defined() ? tensor.grad().clone() : torch::zeros_like(tensor));
    tensor.mutable_grad().reset();
  }
  return gradients;
}

}  // namespace klbench::nn
