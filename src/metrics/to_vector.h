#pragma once

#include <torch/torch.h>

#include <vector>

namespace klbench {

/// The elements of a tensor of any shape, type and device, row by row.
std::vector<double> to_vector(const torch::Tensor& tensor);

/// x to the nearest multiple of `step`, a power of 2: what is only drawn takes fewer bytes.
inline torch::Tensor rounded(const torch::Tensor& x, double step) { return (x / step).round() * step; }

}  // namespace klbench
