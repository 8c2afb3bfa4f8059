#include <cmath>
#include <vector>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// KL(N(m, e^l) || N(n, e^k)) of one dimension.
double divergence_of(double m, double l, double n, double k) {
  return 0.5 * (std::exp(l - k) + (m - n) * (m - n) * std::exp(-k) - (l - k) - 1);
}

}  // namespace

TEST_CASE("mpd agrees with sums over pairs") {
  const std::vector<std::vector<double>> mu{{0, 1}, {1, -1}, {0.5, 2}}, log_var{{0, -1}, {0.3, 0}, {-0.5, 0.2}};
  LossTerms terms;
  terms.posterior.kl = {matrix({{0, 1}, {1, -1}, {0.5F, 2}}), matrix({{0, -1}, {0.3F, 0}, {-0.5F, 0.2F}})};
  std::vector<double> mean(2, 0), of_pairs;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t l = 0; l < 3; ++l) {
      if (i == l) continue;
      double sum = 0;
      for (std::size_t j = 0; j < 2; ++j) {
        const double kl = divergence_of(mu[i][j], log_var[i][j], mu[l][j], log_var[l][j]);
        mean[j] += kl / 6;
        sum += kl;
      }
      of_pairs.push_back(sum);
    }
  }
  double wanted = 0, spread = 0;
  for (const double m : mean) wanted += 0.5 * std::log(1 + std::exp(-m / 0.5));
  for (const double kl : of_pairs) spread += (kl - mean[0] - mean[1]) * (kl - mean[0] - mean[1]);
  wanted += 0.7 * std::sqrt(spread / 5);
  const auto remedy = make("mpd", {{"eta", 0.5}, {"gamma", 0.7}});
  CHECK(remedy->extra_loss(terms, at_step(0)).item<double>() == Approx(wanted).epsilon(1e-5));
}

TEST_CASE("mpd falls as posteriors of different examples part") {
  const auto remedy = make("mpd");
  LossTerms near, far;
  near.posterior.kl = {matrix({{0, 0}, {0.1F, 0}, {0, 0.1F}}), torch::zeros({3, 2})};
  far.posterior.kl = {matrix({{0, 0}, {0.1F, 0}, {0, 0.1F}}) * 10, torch::zeros({3, 2})};
  CHECK(remedy->extra_loss(far, at_step(0)).item<double>() < remedy->extra_loss(near, at_step(0)).item<double>());
}
