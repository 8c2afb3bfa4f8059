#include "models/nn/linear_cross_entropy.h"

#include <cmath>

#include "models/nn/cross_entropy_fused.h"
#include "models/precision.h"

namespace klbench::nn {

namespace F = torch::nn::functional;

LinearCrossEntropyImpl::LinearCrossEntropyImpl(std::int64_t input, std::int64_t vocabulary) {
  const double bound = 1 / std::sqrt(static_cast<double>(input));
  weight = register_parameter("weight", torch::empty({vocabulary, input}).uniform_(-bound, bound));
}

torch::Tensor LinearCrossEntropyImpl::forward(const torch::Tensor& h, const torch::Tensor& targets) {
  if (runs_fused(h)) return cross_entropy_fused(h, weight, targets);
  const auto options = F::CrossEntropyFuncOptions().reduction(torch::kNone).ignore_index(0);
  return F::cross_entropy(logits(h).flatten(0, 1), targets.flatten(), options).view_as(targets);
}

torch::Tensor LinearCrossEntropyImpl::token_nll(const torch::Tensor& h, const torch::Tensor& targets) {
  const torch::NoGradGuard no_grad;
  if (runs_fused(h)) return cross_entropy_infer(h, weight, targets);
  return forward(h, targets.repeat({1, h.size(1) / targets.size(1)}));
}

torch::Tensor LinearCrossEntropyImpl::logits(const torch::Tensor& h) { return torch::matmul(h, weight.t()); }

}  // namespace klbench::nn
