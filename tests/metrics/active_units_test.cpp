#include "metrics/active_units.h"

#include "catch.h"

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
