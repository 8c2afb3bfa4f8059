#include <cmath>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("mdr raises its multiplier while the KL is below the rate, as RMSprop by hand") {
  const auto remedy = make("mdr", {{"rate", 3.0}, {"lr", 0.1}});
  CHECK(remedy->kl_weight(at_step(0), {}) == Approx(1 - 1.01));
  double w = 1.01, mean_square = 0;
  for (const double kl : {0.5, 1.0, 4.0, 3.0}) {
    const double gradient = 3 - kl;
    mean_square = 0.99 * mean_square + 0.01 * gradient * gradient;
    w += 0.1 * gradient / (std::sqrt(mean_square) + 1e-8);
    CHECK(remedy->kl_weight(at_step(1), {{"batch/kl_penalised", kl}}) == Approx(1 - w));
  }
  CHECK(remedy->diagnostics().at("multiplier").item<double>() == Approx(w));
}

TEST_CASE("mdr's multiplier falls where the KL is above the rate, and turns round at 0") {
  const auto remedy = make("mdr", {{"rate", 1.0}, {"lr", 0.01}});
  std::vector<double> weights;
  for (int step = 0; step < 8; ++step)
    weights.push_back(remedy->kl_weight(at_step(step), {{"batch/kl_penalised", 2.0}}));
  CHECK(weights[0] > 1 - 1.01);
  for (const double weight : weights) CHECK(weight <= 1);  // |w| is never negative
}
