#include "regularizers/discriminator.h"

#include <string>

namespace klbench {

DiscriminatorImpl::DiscriminatorImpl(std::int64_t d, std::int64_t hidden) {
  for (const auto& [in, out] : {std::pair{d, hidden}, {hidden, hidden}, {hidden, std::int64_t{1}}})
    layers_.push_back(register_module("layer" + std::to_string(layers_.size()), torch::nn::Linear(in, out)));
}

torch::Tensor DiscriminatorImpl::logits(const torch::Tensor& z, bool held) const {
  auto x = z;
  for (const auto& layer : layers_) {
    if (!x.is_same(z)) x = torch::sigmoid(x);
    x = held ? torch::linear(x, layer->weight.detach(), layer->bias.detach())
             : torch::linear(x, layer->weight, layer->bias);
  }
  return x.squeeze(1);
}

torch::Tensor DiscriminatorImpl::loss(const torch::Tensor& first, const torch::Tensor& second) const {
  return 0.5 * (torch::softplus(-forward(first.detach())).mean() + torch::softplus(forward(second.detach())).mean());
}

}  // namespace klbench
