#include "metrics/perplexity.h"

#include <cmath>

namespace klbench {

double perplexity(const torch::Tensor& nll, const torch::Tensor& tokens) {
  return std::exp(nll.to(torch::kFloat64).sum().item<double>() / tokens.sum().item<double>());
}

Estimate rate_used(const torch::Tensor& nll, const torch::Tensor& rec) {
  return over_examples(nll.to(torch::kFloat64) - rec.to(torch::kFloat64));
}

}  // namespace klbench
