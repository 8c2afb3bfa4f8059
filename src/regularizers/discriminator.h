#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace klbench {

/// A network of a remedy's own that tells two kinds of z apart: [n, d] -> [n] logits, above 0 for the first kind. Two
/// hidden layers with sigmoids, as in the public code of DG-VAEs (Zhang et al., NeurIPS 2022).
class DiscriminatorImpl : public torch::nn::Module {
 public:
  DiscriminatorImpl(std::int64_t d, std::int64_t hidden);

  torch::Tensor forward(const torch::Tensor& z) const { return logits(z, false); }
  /// The same with the weights held fixed: gradients reach z alone.
  torch::Tensor held(const torch::Tensor& z) const { return logits(z, true); }
  /// Mean over both kinds of -ln of the probability of what each is, nats; gradients reach the weights alone.
  torch::Tensor loss(const torch::Tensor& first, const torch::Tensor& second) const;

 private:
  torch::Tensor logits(const torch::Tensor& z, bool held) const;

  std::vector<torch::nn::Linear> layers_;
};
TORCH_MODULE(Discriminator);

}  // namespace klbench
