#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench {

/// Sum over scales s of C / (C + square), C = 2 d s, elementwise: inverse multiquadratics of squared distances of
/// points in R^d, with the scales of the public codes (Tolstikhin et al., ICLR 2018; Wu et al., ACL 2020).
inline torch::Tensor inverse_multiquadratics(const torch::Tensor& square, std::int64_t d) {
  auto sum = torch::zeros_like(square);
  for (const double scale : {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    const double c = 2 * static_cast<double>(d) * scale;
    sum = sum + c / (c + square);
  }
  return sum;
}

}  // namespace klbench
