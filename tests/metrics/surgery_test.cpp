#include "metrics/surgery.h"

#include <cmath>

#include "catch.h"
#include "matrices.h"
#include "metrics/mi.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("mi, total correlation and dimension-wise KL are the KL of the draws") {
  torch::manual_seed(1);
  const Posterior q{torch::randn({40, 3}), torch::randn({40, 3}) - 1};
  const auto z = q.mu + (0.5 * q.log_var).exp() * torch::randn({40, 3});
  const auto parts = surgery(q, z);
  const auto mi = mutual_information_terms(q, z.unsqueeze(0))[0];
  const auto kl = family_of(q).log_q(q, z) - log_prior(z);
  CHECK(distance(mi + parts.total_correlation + parts.dimension_kl, kl) < 1e-4);
}

TEST_CASE("surgery of an aggregated Gaussian with correlated dimensions agrees with closed forms") {
  // mu = (a, rho a + sqrt(1 - rho^2) b) s, sigma^2 = v: q(z) -> N(0, s^2 [[1, rho], [rho, 1]] + v I)
  constexpr double kRho = 0.9, kScale2 = 1.2, kVariance = 0.05;
  torch::manual_seed(2);
  const auto a = torch::randn({6000}, torch::kFloat64), b = torch::randn({6000}, torch::kFloat64);
  const auto mu = torch::stack({a, kRho * a + std::sqrt(1 - kRho * kRho) * b}, 1) * std::sqrt(kScale2);
  const Posterior q{mu, torch::full_like(mu, std::log(kVariance))};
  const auto z = mu + std::sqrt(kVariance) * torch::randn_like(mu);
  const auto parts = surgery(q, z);
  const double margin = kScale2 + kVariance, correlation = kScale2 * kRho / margin;
  CHECK(parts.total_correlation.mean().item<double>() ==
        Approx(-0.5 * std::log(1 - correlation * correlation)).margin(0.06));
  CHECK(parts.dimension_kl.mean().item<double>() == Approx(margin - 1 - std::log(margin)).margin(0.03));
}
