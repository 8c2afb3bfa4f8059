#include "metrics/marginal_kl.h"

#include <cmath>

#include "catch.h"
#include "metrics/metrics_data.h"
#include "metrics/mi.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

Posterior posterior(const std::vector<std::vector<double>>& mu, const std::vector<std::vector<double>>& sigma2) {
  const auto matrix = [](const std::vector<std::vector<double>>& rows) {
    std::vector<torch::Tensor> tensors;
    for (const auto& row : rows) tensors.push_back(torch::tensor(row, torch::kFloat64));
    return torch::stack(tensors);
  };
  return {matrix(mu), matrix(sigma2).log()};
}

}  // namespace

TEST_CASE("an aggregated posterior with the prior's moments has no hole") {
  const auto q = posterior({{0.8}, {-0.8}}, {{0.36}, {0.36}});
  CHECK(std::abs(marginal_kl_gaussian(q, q.mu)) < 1e-12);
}

TEST_CASE("Gaussian marginal KL by hand, one dimension") {  // m = 1, C = 1 + mean(0.5, 1.5) = 2
  const auto q = posterior({{0.0}, {2.0}}, {{0.5}, {1.5}});
  CHECK(marginal_kl_gaussian(q, q.mu) == Approx(0.5 * (2 + 1 - 1 - std::log(2.0))));
}

TEST_CASE("Gaussian marginal KL uses the full covariance") {  // m = 0, C = [[1.5, 1], [1, 1.5]], det 1.25
  const auto q = posterior({{1, 1}, {-1, -1}}, {{0.5, 0.5}, {0.5, 0.5}});
  CHECK(marginal_kl_gaussian(q, q.mu) == Approx(0.5 * (3 - 2 - std::log(1.25))));
}

TEST_CASE("other families give the moments of their samples") {
  const DisguisedGaussian family;
  auto q = random_posterior(20000, 2, 0.7, -0.5, 1);
  const auto z = one_sample(q, 9);
  const double exact = marginal_kl_gaussian(q, z);
  q.family = &family;
  CHECK(marginal_kl_gaussian(q, z) == Approx(exact).margin(0.01));
  CHECK(std::isinf(marginal_kl_gaussian(q, torch::ones({5, 2}))));
}

TEST_CASE("the error of kl - mi with a sampled KL is its spread over samples of examples and draws") {
  // mu ~ N(0, 1), sigma^2 = 1/4; the prior is N(0, 4), from which the KL is taken by draws.
  const auto log_p = [](const torch::Tensor& z) { return -0.5 * (z / 2).square() - std::log(2.0); };
  std::vector<double> gaps, errors;
  for (std::uint64_t run = 0; run < 200; ++run) {
    const Posterior q{normal_noise({60, 1}, 3 * run), torch::full({60, 1}, std::log(0.25))};
    const auto z = q.mu + 0.5 * normal_noise({4, 60, 1}, 3 * run + 1);
    const auto log_q = -0.5 * ((z[0] - q.mu) / 0.5).square() - std::log(0.5);
    const auto kl = (log_q - log_p(z[0])).flatten(), mi = mutual_information_terms(q, z);
    gaps.push_back(marginal_kl_gap(kl.mean().item<double>(), mi.mean().item<double>()));
    errors.push_back(marginal_kl_gap_error(kl, mi));
  }
  const auto found = torch::tensor(gaps), stated = torch::tensor(errors).square().mean().sqrt();
  CHECK(stated.item<double>() == Approx(found.std().item<double>()).epsilon(0.2));
}

TEST_CASE("kl - mi agrees with the Gaussian hole where the aggregated posterior is Gaussian") {
  // mu ~ N(1, 0.5), sigma^2 = 1: q(z) = N(1, 1.5), so the hole is (1.5 + 1 - 1 - ln 1.5) / 2 = 0.547.
  const Posterior q{normal_noise({4000, 1}, 7) * std::sqrt(0.5) + 1, torch::zeros({4000, 1})};
  const auto z = one_sample(q, 8);
  const double kl = gaussian_family().kl(q).sum(1).mean().item<double>();
  const double gap = marginal_kl_gap(kl, mean_mi(q, z));
  CHECK(gap == Approx(0.547).margin(0.06));
  CHECK(marginal_kl_gaussian(q, z) == Approx(0.547).margin(0.06));
}
