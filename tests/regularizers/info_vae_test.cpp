#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("info_vae's MMD agrees with sums over pairs") {
  const auto remedy = make("info_vae", {{"alpha", 0.3}, {"lambda", 10.0}});
  CHECK(remedy->kl_weight(at_step(0), {}) == Approx(0.7));
  LossTerms terms;
  terms.z = matrix({{0, 0}, {2, 0}, {1, 1}});
  torch::manual_seed(9);
  const auto prior = torch::randn({3, 2});
  const auto kernel = [](const torch::Tensor& x, const torch::Tensor& y) {
    return std::exp(-(x - y).square().sum().item<double>() / 4);  // d^2 = 4
  };
  double mmd = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      mmd += kernel(terms.z[i], terms.z[j]) + kernel(prior[i], prior[j]) - 2 * kernel(terms.z[i], prior[j]);
  torch::manual_seed(9);
  // alpha + lambda - 1 = 9.3
  CHECK(remedy->extra_loss(terms, at_step(0)).item<double>() == Approx(9.3 * mmd / 9).epsilon(1e-5));
}

TEST_CASE("info_vae's MMD is larger for a mixture far from the prior") {
  const auto remedy = make("info_vae");
  torch::manual_seed(9);
  LossTerms near, far;
  near.z = torch::randn({200, 2});
  far.z = near.z * 0.1 + 3;
  CHECK(remedy->extra_loss(far, at_step(0)).item<double>() > 20 * remedy->extra_loss(near, at_step(0)).item<double>());
}
