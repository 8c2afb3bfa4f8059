#include "metrics/estimate.h"

#include <cmath>

#include "catch.h"

using namespace klbench;

TEST_CASE("an error over draws leaves out what the examples differ by") {
  // Two draws for two examples: (1, 3) has variance 2 and mean error sqrt(2 / 2), (102, 102) none; of the mean, half.
  const auto estimate = over_draws(torch::tensor({{1.0, 102.0}, {3.0, 102.0}}, torch::kFloat64));
  CHECK(estimate.value == Approx(52.0));
  CHECK(estimate.error == Approx(0.5));
  CHECK(std::isnan(over_draws(torch::tensor({{1.0, 2.0}})).error));
}

TEST_CASE("an error over examples is their standard deviation / sqrt(N)") {
  const auto estimate = over_examples(torch::tensor({1.0, 3.0, 5.0}));
  CHECK(estimate.value == Approx(3.0));
  CHECK(estimate.error == Approx(2 / std::sqrt(3.0)));
  CHECK(std::isnan(over_examples(torch::tensor({1.0})).error));
}

TEST_CASE("errors of parts add in square") {
  const auto mean = mean_of(torch::tensor({1.0, 3.0}), torch::tensor({3.0, 4.0}));
  CHECK(mean.value == Approx(2.0));
  CHECK(mean.error == Approx(2.5));
  CHECK(share_of(0.25, 12).error == Approx(0.125));
}

TEST_CASE("the jackknife of a mean is the mean's standard error") {
  // Of 1, 2, 4, 9: mean 4, variance (9 + 4 + 0 + 25) / 3
  CHECK(jackknife(4, {5, 14.0 / 3, 4, 7.0 / 3}).error == Approx(std::sqrt(38.0 / 3 / 4)));
  CHECK(jackknife(4, {5, 14.0 / 3, 4, 7.0 / 3}).value == 4);
  CHECK(std::isnan(jackknife(4, {4}).error));
}
