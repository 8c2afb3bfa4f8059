#include "metrics/mi.h"

#include <algorithm>
#include <limits>
#include <numbers>

#include "catch.h"
#include "metrics/estimate.h"
#include "metrics/metrics_data.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// log N(z; mu, exp(log_var)) in plain double precision.
double log_normal(double z, double mu, double log_var) {
  return -0.5 * ((z - mu) * (z - mu) / std::exp(log_var) + log_var + std::log(2 * std::numbers::pi));
}

struct Plain {
  std::int64_t n, d;
  std::vector<double> mu, log_var, z;
  Plain(const Posterior& q, const torch::Tensor& points) : n(points.size(0)), d(points.size(1)) {
    const auto copy = [](const torch::Tensor& t, std::vector<double>& to) {
      const auto flat = t.to(torch::kFloat64).contiguous();
      to.assign(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
    };
    copy(q.mu, mu), copy(q.log_var, log_var), copy(points, z);
  }
  double log_q(std::int64_t i, std::int64_t j) const {
    double sum = 0;
    for (std::int64_t k = 0; k < d; ++k) {
      const auto a = static_cast<std::size_t>(i * d + k), b = static_cast<std::size_t>(j * d + k);
      sum += log_normal(z[a], mu[b], log_var[b]);
    }
    return sum;
  }
  /// log mean_j q(z_i|x_j) over the given j.
  double log_aggregated(std::int64_t i, const std::vector<std::int64_t>& among) const {
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (const auto j : among) top = std::max(top, log_q(i, j));
    for (const auto j : among) sum += std::exp(log_q(i, j) - top);
    return top + std::log(sum / static_cast<double>(among.size()));
  }
};

double brute_force_mi(const Posterior& q, const torch::Tensor& points) {
  const Plain plain(q, points);
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < plain.n; ++i) all.push_back(i);
  double sum = 0;
  for (const auto i : all) sum += plain.log_q(i, i) - plain.log_aggregated(i, all);
  return sum / static_cast<double>(plain.n);
}

}  // namespace

TEST_CASE("mi agrees with a brute-force double loop") {
  const auto [spread, log_var] = GENERATE(std::pair(0.05, 0.0), std::pair(1.0, -1.0), std::pair(3.0, -6.0));
  const auto q = random_posterior(301, 5, spread, log_var, 11);
  const auto z = one_sample(q, 12);
  CHECK(mean_mi(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi is the same in several blocks") {  // 1,500 posteriors: 87 rows a block
  const auto q = random_posterior(1500, 3, 0.7, -0.5, 3);
  const auto z = one_sample(q, 4);
  REQUIRE(PairwiseLogQ(q).block_rows() < 1500);
  CHECK(mean_mi(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi of small posteriors far from the origin does not cancel") {
  auto q = random_posterior(200, 4, 1e-3, -12, 5);
  q.mu = q.mu + 100;
  const auto z = one_sample(q, 6);
  CHECK(mean_mi(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi is 0 at collapse and ln N for posteriors apart") {
  const Posterior collapsed{torch::zeros({50, 3}), torch::zeros({50, 3})};
  CHECK(std::abs(mean_mi(collapsed, one_sample(collapsed, 1))) < 1e-12);
  const auto mu = torch::arange(50).to(torch::kFloat32).unsqueeze(1) * 100;
  const Posterior apart{mu, torch::zeros({50, 1})};
  const double mi = mean_mi(apart, one_sample(apart, 1));
  CHECK(mi == Approx(std::log(50.0)));
  CHECK(mi <= std::log(50.0) + 1e-12);
  CHECK(mi_near_cap(mi, 50));
  CHECK_FALSE(mi_near_cap(std::log(50.0) - 3.01, 50));
}

TEST_CASE("mi of another family goes through log_q") {
  const DisguisedGaussian family;
  auto q = random_posterior(120, 4, 1.0, -1, 8);
  const auto z = one_sample(q, 9);
  const double gaussian = mean_mi(q, z);
  q.family = &family;
  CHECK(mean_mi(q, z) == Approx(gaussian).epsilon(1e-9));
}

TEST_CASE("mi_batch: analytic negative entropy minus what the batch aggregates") {
  const auto q = random_posterior(10, 3, 1.0, -1, 21);
  const auto z = one_sample(q, 22);
  const std::vector<std::vector<std::int64_t>> batches{{0, 3, 5, 9}, {1, 2, 4, 6, 7, 8}};
  const Plain plain(q, z);
  double expected = 0;
  for (const auto& batch : batches) {
    for (const auto i : batch) {
      double negative_entropy = 0;
      for (std::int64_t k = 0; k < 3; ++k) {
        negative_entropy -= 0.5 * (std::log(2 * std::numbers::pi * std::numbers::e) +
                                   plain.log_var[static_cast<std::size_t>(i * 3 + k)]);
      }
      expected += (negative_entropy - plain.log_aggregated(i, batch)) / 10;
    }
  }
  CHECK(mutual_information_batch_terms(q, z.unsqueeze(0), batches).mean().item<double>() ==
        Approx(expected).epsilon(1e-9));
}

TEST_CASE("mi and mi_batch over several draws are the means of those of each") {
  const auto q = random_posterior(40, 3, 1.0, -1, 31);
  const auto one = one_sample(q, 32), other = one_sample(q, 33);
  const auto both = torch::stack({one, other});
  CHECK(mean_mi(q, both) == Approx((mean_mi(q, one) + mean_mi(q, other)) / 2));
  CHECK(mutual_information_terms(q, both)[1].mean().item<double>() == Approx(mean_mi(q, other)));
  const auto batches = std::vector<std::vector<std::int64_t>>{{0, 1, 2, 3, 4}, {9, 8, 7}};
  const auto terms = mutual_information_batch_terms(q, both, batches)[1].index_select(0, torch::tensor(batches[1]));
  const auto part = torch::tensor(batches[1]);
  const Posterior three{q.mu.index_select(0, part), q.log_var.index_select(0, part)};
  CHECK(terms.mean().item<double>() ==
        Approx(mutual_information_batch_terms(three, other.index_select(0, part).unsqueeze(0), {{0, 1, 2}})
                   .mean()
                   .item<double>()));
}

TEST_CASE("the standard error of mi is the spread that other draws show; one draw has several times that of eight") {
  const auto q = random_posterior(300, 8, 0.5, -0.3, 41);
  const auto estimate = [&](std::int64_t draws, std::uint64_t seed) {
    std::vector<torch::Tensor> z;
    for (std::int64_t s = 0; s < draws; ++s) z.push_back(one_sample(q, 1000 * seed + static_cast<std::uint64_t>(s)));
    return over_draws(mutual_information_terms(q, torch::stack(z)));
  };
  std::vector<double> single, eight, errors;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    single.push_back(estimate(1, seed).value);
    const auto of_eight = estimate(8, seed);
    eight.push_back(of_eight.value);
    errors.push_back(of_eight.error);
  }
  const auto spread = [](const std::vector<double>& values) { return torch::tensor(values).std().item<double>(); };
  const double stated = torch::tensor(errors).mean().item<double>();
  CHECK(spread(eight) == Approx(stated).epsilon(0.3));  // a spread of 60 is known to 9%
  CHECK(spread(single) > 2 * spread(eight));            // sqrt(8)
  CHECK(std::isnan(estimate(1, 1).error));
}
