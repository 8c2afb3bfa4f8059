#include "metrics/active_units.h"

namespace klbench {

LatentMoments latent_moments(const Posterior& q, const torch::Tensor& draws) {
  const auto exact = q.to(torch::kFloat64);
  if (const auto mu = family_of(exact).mean(exact); mu.defined())
    return {mu.mean(0), mu.var(0, /*unbiased=*/false), family_of(exact).variance(exact).mean(0)};
  const auto z = draws.to(torch::kFloat64);
  const auto mu = z.mean(0), within = z.var(0, /*unbiased=*/true).mean(0);
  return {mu.mean(0), (mu.var(0, false) - within / static_cast<double>(z.size(0))).clamp_min(0), within};
}

std::int64_t active_units(const torch::Tensor& mu_var) { return mu_var.ge(0.01).sum().item<std::int64_t>(); }

}  // namespace klbench
