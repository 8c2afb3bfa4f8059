#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("wae_mmd's distance agrees with sums over pairs, and the KL has no weight") {
  const auto remedy = make("wae_mmd", {{"lambda", 3.0}});
  CHECK(remedy->kl_weight(at_step(0), {}) == 0);
  LossTerms terms;
  terms.z = matrix({{0, 0}, {2, 0}, {1, 1}});
  torch::manual_seed(4);
  const auto prior = torch::randn({3, 2});
  const auto k = [](const torch::Tensor& x, const torch::Tensor& y) {
    const double square = (x - y).square().sum().item<double>();
    double sum = 0;
    for (const double c : {0.4, 0.8, 2.0, 4.0, 8.0, 20.0, 40.0}) sum += c / (c + square);  // 2 d times the scales
    return sum;
  };
  double distance_of = 0;
  for (int i = 0; i < 3; ++i) {
    for (int l = 0; l < 3; ++l) {
      if (i != l) distance_of += (k(terms.z[i], terms.z[l]) + k(prior[i], prior[l])) / 6;
      distance_of -= 2 * k(terms.z[i], prior[l]) / 9;
    }
  }
  torch::manual_seed(4);
  CHECK(remedy->extra_loss(terms, at_step(0)).item<double>() == Approx(3 * distance_of).epsilon(1e-5));
}
