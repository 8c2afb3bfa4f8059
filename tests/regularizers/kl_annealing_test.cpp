#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("kl_annealing linear rises from start to 1 over the warm-up") {
  const auto remedy = make("kl_annealing", {{"start", 0.2}, {"warmup_epochs", 4.0}});
  CHECK(remedy->kl_weight(at_step(0), {}) == Approx(0.2));
  CHECK(remedy->kl_weight(at_step(100), {}) == Approx(0.4));  // .2 + .8 * 1/4
  CHECK(remedy->kl_weight(at_step(399), {}) == Approx(0.998));
  CHECK(remedy->kl_weight(at_step(900), {}) == 1.0);
  CHECK(remedy->schedule_epochs(at_step(0)) == 4.0);
  CHECK(make("kl_annealing", {{"warmup_epochs", 0.0}})->kl_weight(at_step(0), {}) == 1.0);
}

TEST_CASE("kl_annealing logistic has its middle at x0") {
  const auto remedy = make("kl_annealing", {{"schedule", "logistic"}, {"k", 0.01}, {"x0", 200.0}});
  CHECK(remedy->kl_weight(at_step(200), {}) == Approx(0.5));
  CHECK(remedy->kl_weight(at_step(300), {}) == Approx(0.7310585786));  // 1 / (1 + e^-1)
  // .99 at x0 + ln(99) / k = 659.5 steps
  CHECK(remedy->schedule_epochs(at_step(0)) == Approx(6.5951198));
}

TEST_CASE("kl_annealing cyclical restarts every cycle") {
  // 4 cycles in 1000 steps: 250 each, of which 125 rise.
  const auto remedy = make("kl_annealing", {{"schedule", "cyclical"}});
  CHECK(remedy->kl_weight(at_step(0), {}) == 0.0);
  CHECK(remedy->kl_weight(at_step(50), {}) == Approx(0.4));
  CHECK(remedy->kl_weight(at_step(125), {}) == 1.0);
  CHECK(remedy->kl_weight(at_step(249), {}) == 1.0);
  CHECK(remedy->kl_weight(at_step(250), {}) == 0.0);
  CHECK(remedy->kl_weight(at_step(800), {}) == Approx(0.4));
  CHECK(remedy->schedule_epochs(at_step(0)) == Approx(8.75));  // the last ramp ends at step 875
}
