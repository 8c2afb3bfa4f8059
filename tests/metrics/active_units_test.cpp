#include "metrics/active_units.h"

#include "catch.h"
#include "latent/family.h"
#include "metrics/metric.h"

using namespace klbench;

TEST_CASE("moments and active units by hand") {
  const Posterior q{
      torch::tensor({{1.0F, 0.1F, 5.0F}, {3.0F, -0.1F, 5.0F}, {2.0F, 0.0F, 5.1F}, {2.0F, 0.0F, 5.1F}}),
      torch::log(torch::tensor({{1.0F, 2.0F, 0.5F}, {3.0F, 2.0F, 0.5F}, {1.0F, 2.0F, 1.0F}, {1.0F, 2.0F, 2.0F}}))};
  const auto moments = latent_moments(q);
  const auto expect = [](const torch::Tensor& found, std::vector<double> values) {
    CHECK(torch::allclose(found, torch::tensor(values, torch::kFloat64), 1e-5, 1e-7));
  };
  expect(moments.mu_mean, {2.0, 0.0, 5.05});
  expect(moments.mu_var, {0.5, 0.005, 0.0025});
  expect(moments.sigma2_mean, {1.5, 2.0, 1.0});
  CHECK(active_units(moments.mu_var) == 1);
}

TEST_CASE("a unit at the threshold is active") {
  CHECK(active_units(torch::tensor({0.01, 0.00999, 0.02, 0.0}, torch::kFloat64)) == 2);
}

// Why au wants z in R^d: the means that tell the most are as far apart as the sphere allows, and their variances add up
// to 1 at most, of 128 dimensions 1/128 each.
TEST_CASE("on the sphere a posterior that tells all examples apart has no unit above the threshold") {
  constexpr std::int64_t d = 128;
  const auto& entry = FamilyRegistry::instance().find("vmf");
  const auto family = entry.make(Options(entry.spec, {{"kappa", 10000.0}}), {.latent_dim = d});
  const auto axes = torch::eye(d);
  const auto moments = latent_moments({torch::cat({axes, -axes}), torch::zeros({2 * d, d}), family.get()});
  const double length = 1 - (d - 1) / 20000.0;  // E[m'z] for large kappa, 1 - (d - 1) / (2 kappa)
  CHECK(torch::allclose(moments.mu_var, torch::full({d}, length * length / d, torch::kFloat64), 1e-3, 0));
  CHECK(torch::allclose(moments.mu_var + moments.sigma2_mean, torch::full({d}, 1.0 / d, torch::kFloat64), 1e-3, 0));
  CHECK(active_units(moments.mu_var) == 0);
  const auto& needs = MetricRegistry::instance().find("au").spec.needs;
  CHECK(needs == std::vector<std::string>{kFlatLatent});
}
