#include "metrics/probe.h"

#include "catch.h"
#include "metrics/noise.h"

using namespace klbench;

namespace {

/// Points around `classes` corners, `margin` from the origin; labels in turn.
ProbeSplit corners(std::int64_t n, std::int64_t classes, double margin, std::uint64_t seed) {
  const auto labels = torch::arange(n).remainder(classes);
  const auto mu = torch::one_hot(labels, classes).to(torch::kFloat32) * margin + normal_noise({n, classes}, seed);
  return {mu * 10 + 3, mu, labels, torch::full({n}, 7, torch::kInt64)};
}

}  // namespace

TEST_CASE("a probe reads separable classes, and length alone does not") {
  const auto results = probe_accuracy(corners(1200, 3, 8, 1), corners(300, 3, 8, 2), corners(300, 3, 8, 3));
  REQUIRE(results.size() == 4);  // 100, 500, 1,000 and all 1,200
  CHECK(results[0].labels == 100);
  CHECK_FALSE(results[2].all);
  CHECK(results[3].labels == 1200);
  CHECK(results[3].all);
  for (const auto& result : results) {
    CHECK(result.mu.accuracy > 0.98);
    CHECK(result.z.accuracy > 0.98);
    CHECK(result.majority == Approx(1.0 / 3));
    CHECK(result.length_only->accuracy == Approx(1.0 / 3).margin(1e-9));
  }
}

TEST_CASE("a probe of noise is at chance") {
  auto train = corners(1000, 4, 0, 4), valid = corners(1000, 4, 0, 5), test = corners(4000, 4, 0, 6);
  for (const auto& result : probe_accuracy(train, valid, test)) CHECK(result.mu.accuracy == Approx(0.25).margin(0.04));
}

TEST_CASE("overlapping classes: the probe comes to the best linear accuracy") {
  // Two classes 2 apart along the diagonal of unit noise: Phi(1.414 / 2 * ...) by the distance sqrt(2) * 1.5 / 2.
  const auto train = corners(4000, 2, 1.5, 7), valid = corners(2000, 2, 1.5, 8), test = corners(8000, 2, 1.5, 9);
  const auto fit = fit_probe({train.mu, train.labels}, {valid.mu, valid.labels}, {test.mu, test.labels});
  const double best = 0.5 * std::erfc(-1.5 * std::sqrt(2.0) / 2 / std::sqrt(2.0));
  CHECK(fit.accuracy == Approx(best).margin(0.015));
}

TEST_CASE("strength is chosen on valid: noise features want a strong one") {
  auto noisy = [](std::int64_t n, std::uint64_t seed) {
    const auto labels = torch::arange(n).remainder(2);
    auto features = normal_noise({n, 60}, seed);
    features.select(1, 0).add_(labels.to(torch::kFloat32) * 1.5);
    return Labelled{features, labels};
  };
  const auto fit = fit_probe(noisy(80, 1), noisy(2000, 2), noisy(2000, 3));
  CHECK(fit.strength >= 1e-2);
  CHECK(fit.accuracy > 0.6);
}

TEST_CASE("length-only baseline: labels that follow length are read") {
  auto split = [](std::int64_t n, std::uint64_t seed) {
    const auto lengths = torch::arange(n).remainder(20) + 1;
    return ProbeSplit{normal_noise({n, 3}, seed), normal_noise({n, 3}, seed + 9), lengths.gt(10).to(torch::kInt64),
                      lengths};
  };
  const auto results = probe_accuracy(split(400, 1), split(400, 2), split(400, 3));
  CHECK(results.back().length_only->accuracy > 0.97);
  CHECK(results.back().mu.accuracy < 0.6);
}

TEST_CASE("majority is train's, accuracy is test's; constant features do no harm") {
  const auto label = [](std::vector<std::int64_t> values) { return torch::tensor(values); };
  CHECK(majority_accuracy(label({2, 2, 1, 0}), label({2, 0, 0, 0, 0})) == Approx(0.2));
  const Labelled constant{torch::ones({6, 2}), label({0, 0, 0, 0, 1, 1})};
  CHECK(fit_probe(constant, constant, constant).accuracy == Approx(4.0 / 6));
}

TEST_CASE("the majority beside a probe is that of the labels it was trained on") {
  auto split = [](std::int64_t ones) {
    const auto x = normal_noise({40, 2}, 1);
    return ProbeSplit{x, x, torch::arange(40).lt(ones).to(torch::kInt64), {}};
  };
  CHECK(probe_accuracy(split(30), split(30), split(10)).back().majority == Approx(0.25));  // ones: 30 of 40, 10 of 40
}

TEST_CASE("a probe on z reads what the noise of the posterior leaves") {
  // Classes one apart in mu, standard deviation 1 in z: all of it on mu, Phi(1/2) = 0.691 on z.
  auto split = [](std::int64_t n, std::uint64_t seed) {
    const auto labels = torch::arange(n).remainder(2);
    const auto mu = labels.to(torch::kFloat32).unsqueeze(1);
    return ProbeSplit{mu, mu + normal_noise({n, 1}, seed), labels, torch::full({n}, 7, torch::kInt64)};
  };
  const auto all = probe_accuracy(split(4000, 1), split(2000, 2), split(8000, 3)).back();
  CHECK(all.mu.accuracy == 1);
  CHECK(all.z.accuracy == Approx(0.691).margin(0.015));
}
