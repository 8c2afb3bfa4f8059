#include "metrics/mi.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numbers>

#include "catch.h"
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
  CHECK(mutual_information(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi is the same in several blocks") {  // 1,500 posteriors: 87 rows a block
  const auto q = random_posterior(1500, 3, 0.7, -0.5, 3);
  const auto z = one_sample(q, 4);
  REQUIRE(PairwiseLogQ(q).block_rows() < 1500);
  CHECK(mutual_information(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi of small posteriors far from the origin does not cancel") {
  auto q = random_posterior(200, 4, 1e-3, -12, 5);
  q.mu = q.mu + 100;
  const auto z = one_sample(q, 6);
  CHECK(mutual_information(q, z) == Approx(brute_force_mi(q, z)).epsilon(1e-6));
}

TEST_CASE("mi is 0 at collapse and ln N for posteriors apart") {
  const Posterior collapsed{torch::zeros({50, 3}), torch::zeros({50, 3})};
  CHECK(std::abs(mutual_information(collapsed, one_sample(collapsed, 1))) < 1e-12);
  const auto mu = torch::arange(50).to(torch::kFloat32).unsqueeze(1) * 100;
  const Posterior apart{mu, torch::zeros({50, 1})};
  const double mi = mutual_information(apart, one_sample(apart, 1));
  CHECK(mi == Approx(std::log(50.0)));
  CHECK(mi <= std::log(50.0) + 1e-12);
  CHECK(mi_near_cap(mi, 50));
  CHECK_FALSE(mi_near_cap(std::log(50.0) - 1.01, 50));
}

TEST_CASE("mi of another family goes through log_q") {
  const DisguisedGaussian family;
  auto q = random_posterior(120, 4, 1.0, -1, 8);
  const auto z = one_sample(q, 9);
  const double gaussian = mutual_information(q, z);
  q.family = &family;
  CHECK(mutual_information(q, z) == Approx(gaussian).epsilon(1e-9));
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
  CHECK(mutual_information_batch(q, z, batches) == Approx(expected).epsilon(1e-9));
}

TEST_CASE("mi of 5,000 examples in 32 dimensions takes about a second at most", "[speed]") {
  const auto q = random_posterior(5000, 32, 1.0, -1, 31);
  const auto z = one_sample(q, 32);
  const auto begin = std::chrono::steady_clock::now();
  const double mi = mutual_information(q, z);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  INFO(took.count() << " s");
  CHECK(mi > 0);
  CHECK(took.count() < 5);  // 0.2 s on a free core; the machine may be busy
}
