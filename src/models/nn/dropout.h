#pragma once

#include <torch/torch.h>

namespace klbench::nn {

/// Dropout (Srivastava et al. 2014): in training each number is 0 with probability `rate`, else x / (1 - rate). On the
/// CPU in the fast mode the mask is a hash of the position and of one draw from torch's generator, and is not kept: the
/// backward pass makes it again.
class DropoutImpl : public torch::nn::Module {
 public:
  explicit DropoutImpl(double rate) : rate_(rate) {}
  torch::Tensor forward(const torch::Tensor& x);

 private:
  double rate_;
};
TORCH_MODULE(Dropout);

}  // namespace klbench::nn
