#pragma once

#include <torch/torch.h>

#include <vector>

namespace klbench {

/// The elements of a tensor of any shape, type and device, row by row.
std::vector<double> to_vector(const torch::Tensor& tensor);

}  // namespace klbench
