#include <cmath>
#include <numbers>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

double normal(double z, double mu, double log_var) {
  return std::exp(-0.5 * (z - mu) * (z - mu) * std::exp(-log_var)) /
         std::sqrt(2 * std::numbers::pi * std::exp(log_var));
}

}  // namespace

TEST_CASE("beta_tc's parts agree with densities written out, and add up to the KL of the draw") {
  const double mu[2][2] = {{0, 1}, {1, -0.5}}, log_var[2][2] = {{0, -1}, {0.5, 0.25}},
               z[2][2] = {{0.3, 0.8}, {1.5, -1}};
  LossTerms terms;
  terms.posterior.kl = {matrix({{0, 1}, {1, -0.5F}}), matrix({{0, -1}, {0.5F, 0.25F}})};
  terms.z = matrix({{0.3F, 0.8F}, {1.5F, -1}});
  for (int i = 0; i < 2; ++i) {
    double own = 1, joint = 0, marginals = 1, prior = 1;
    for (int j = 0; j < 2; ++j) {
      own *= normal(z[i][j], mu[i][j], log_var[i][j]);
      marginals *= 0.5 * (normal(z[i][j], mu[0][j], log_var[0][j]) + normal(z[i][j], mu[1][j], log_var[1][j]));
      prior *= normal(z[i][j], 0, 0);
    }
    for (int l = 0; l < 2; ++l)
      joint += 0.5 * normal(z[i][0], mu[l][0], log_var[l][0]) * normal(z[i][1], mu[l][1], log_var[l][1]);
    const auto penalty = [&](double alpha, double beta, double gamma) {
      return make("beta_tc", {{"alpha", alpha}, {"beta", beta}, {"gamma", gamma}})
          ->kl_penalty(terms, at_step(0))[i]
          .item<double>();
    };
    CHECK(penalty(1, 0, 0) == Approx(std::log(own / joint)).margin(1e-6));
    CHECK(penalty(0, 1, 0) == Approx(std::log(joint / marginals)).margin(1e-6));
    CHECK(penalty(0, 0, 1) == Approx(std::log(marginals / prior)).margin(1e-6));
    CHECK(penalty(1, 1, 1) == Approx(std::log(own / prior)).margin(1e-6));
  }
}
