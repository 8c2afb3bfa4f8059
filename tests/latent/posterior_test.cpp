#include "latent/posterior.h"

#include <cmath>

#include "catch.h"
#include "matrices.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("the Gaussian family's KL per dimension") {
  // 1/2 (mu^2 + sigma^2 - ln sigma^2 - 1): mu 1, sigma^2 1 -> .5; mu 0, sigma^2 1/e -> 1/2 (1/e + 1 - 1) = .18394.
  const Posterior q{matrix({{1, 0}}), matrix({{0, -1}})};
  CHECK(distance(family_of(q).kl(q), matrix({{0.5F, 0.18393972F}})) < 1e-6);
}

TEST_CASE("the Gaussian family's sample and density agree") {
  const Posterior q{matrix({{1, -2}}), matrix({{std::log(4.0F), 0}})};
  const auto z = family_of(q).sample(q, matrix({{0.5F, 1}}));
  CHECK(distance(z, matrix({{2, -1}})) < 1e-6);  // 1 + 2 * .5, -2 + 1
  // log q = -1/2 (.25 + 1) - 1/2 ln 4 - ln 2 pi
  CHECK(family_of(q).log_q(q, z).item<double>() == Approx(-0.625 - std::log(2.0) - std::log(2 * M_PI)));
  CHECK(log_prior(z).item<double>() == Approx(-0.5 * 5 - std::log(2 * M_PI)));
}

TEST_CASE("densities broadcast over samples") {
  const Posterior q{torch::randn({3, 2}), torch::randn({3, 2})};
  const auto z = torch::randn({5, 3, 2});
  const auto all = family_of(q).log_q(q, z);
  REQUIRE(all.sizes() == torch::IntArrayRef({5, 3}));
  CHECK(distance(all[4], family_of(q).log_q(q, z[4])) < 1e-6);
}
