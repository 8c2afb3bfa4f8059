#include "metrics/active_units.h"

#include "metrics/metric.h"

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

namespace {

FinalMetrics moments(const MetricRequest& request) {
  const auto found = latent_moments(request.pass.decoder_posterior, request.draws);
  const auto n = request.split.size();
  return {{"mu_mean", per_dimension(found.mu_mean, {"mean over the split", n})},
          {"mu_var", per_dimension(found.mu_var, {"variance over the split (1/N)", n})},
          {"sigma2_mean", per_dimension(found.sigma2_mean, {"mean over the split", n})},
          {"au", exact(static_cast<double>(active_units(found.mu_var)), {"Var_x(mu_j) >= 0.01", n})}};
}

KLBENCH_METRICS(moments, {{.key = "mu_mean",
                           .summary = "mean of the posterior means by dimension",
                           .units = "1",
                           .every_epoch = true,
                           .by_dimension = true},
                          {.key = "mu_var",
                           .summary = "variance of the posterior means by dimension",
                           .units = "1",
                           .every_epoch = true,
                           .by_dimension = true,
                           .least = 0},
                          {.key = "sigma2_mean",
                           .summary = "mean posterior variance by dimension",
                           .units = "1",
                           .every_epoch = true,
                           .by_dimension = true,
                           .least = 0},
                          {.key = "au",
                           .summary = "active units",
                           .needs = {kFlatLatent},
                           .units = "dimensions",
                           .better = "higher",
                           .head = "AU",
                           .every_epoch = true,
                           .least = 0}});

}  // namespace

}  // namespace klbench
