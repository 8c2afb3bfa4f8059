// Small tensors written down, and how far two are apart.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace klbench::testing {

inline torch::Tensor matrix(const std::vector<std::vector<float>>& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row));
  return torch::stack(tensors);
}

/// Largest absolute difference; shapes must agree.
inline double distance(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

}  // namespace klbench::testing
