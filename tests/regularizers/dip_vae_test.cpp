#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("dip_vae's covariance agrees with numbers by hand") {
  LossTerms terms;
  // means 2 and 0; variances 1 and 4, covariance 2
  terms.posterior.kl = {matrix({{1, -2}, {3, 2}}), torch::log(matrix({{0.5F, 1}, {1.5F, 3}}))};
  const std::map<std::string, Value> weights{{"lambda_off", 3.0}, {"lambda_diag", 5.0}};
  // 3 (2^2 + 2^2) + 5 ((1 - 1)^2 + (4 - 1)^2) = 24 + 45
  CHECK(make("dip_vae", weights)->extra_loss(terms, at_step(0)).item<double>() == Approx(69));
  auto aggregate = weights;
  aggregate["covariance"] = std::string("aggregate");
  // mean variances 1 and 2 on the diagonal: 24 + 5 ((2 - 1)^2 + (6 - 1)^2) = 24 + 130
  CHECK(make("dip_vae", aggregate)->extra_loss(terms, at_step(0)).item<double>() == Approx(154));
}

TEST_CASE("dip_vae costs nothing where the aggregated posterior has the prior's covariance") {
  LossTerms terms;
  terms.posterior.kl = {matrix({{1, 1}, {1, -1}, {-1, 1}, {-1, -1}}), torch::zeros({4, 2})};
  CHECK(make("dip_vae")->extra_loss(terms, at_step(0)).item<double>() == Approx(0).margin(1e-10));
  terms.posterior.kl.mu = torch::zeros({4, 2});  // vanished: lambda_diag for each dimension
  CHECK(make("dip_vae")->extra_loss(terms, at_step(0)).item<double>() == Approx(20));
}
