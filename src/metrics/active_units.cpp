#include "metrics/active_units.h"

namespace klbench {

LatentMoments latent_moments(const Posterior& q) {
  const auto mu = q.mu.to(torch::kFloat64);
  return {mu.mean(0), mu.var(0, /*unbiased=*/false), q.log_var.to(torch::kFloat64).exp().mean(0)};
}

std::int64_t active_units(const torch::Tensor& mu_var) { return mu_var.ge(0.01).sum().item<std::int64_t>(); }

}  // namespace klbench
