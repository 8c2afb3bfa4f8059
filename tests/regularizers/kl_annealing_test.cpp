#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("kl_annealing linear rises from start to 1 over the warm-up") {
  const auto remedy = make("kl_annealing", {{"start", 0.2}, {"warmup_epochs", 4.0}});
  CHECK(remedy->kl_weight(at_step(0), {}) == Approx(0.202));  // grown before the step: .2 + .8 * 1/400
  CHECK(remedy->kl_weight(at_step(99), {}) == Approx(0.4));   // .2 + .8 * 1/4
  CHECK(remedy->kl_weight(at_step(398), {}) == Approx(0.998));
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
  CHECK(remedy->kl_weight(at_step(0), {}) == Approx(0.008));
  CHECK(remedy->kl_weight(at_step(49), {}) == Approx(0.4));
  CHECK(remedy->kl_weight(at_step(124), {}) == Approx(1));
  CHECK(remedy->kl_weight(at_step(249), {}) == 1.0);
  CHECK(remedy->kl_weight(at_step(250), {}) == Approx(0.008));
  CHECK(remedy->kl_weight(at_step(799), {}) == Approx(0.4));
  CHECK(remedy->schedule_epochs(at_step(0)) == Approx(8.75));  // the last ramp ends at step 875
}

TEST_CASE("kl_annealing cyclical may begin a cycle with a phase of zero weight") {
  // 250 steps each: 100 at 0, 125 rising, the rest at 1
  const auto remedy = make("kl_annealing", {{"schedule", "cyclical"}, {"zero", 0.4}});
  CHECK(remedy->kl_weight(at_step(99), {}) == 0.0);
  CHECK(remedy->kl_weight(at_step(149), {}) == Approx(0.4));
  CHECK(remedy->kl_weight(at_step(224), {}) == Approx(1));
  CHECK(remedy->kl_weight(at_step(349), {}) == 0.0);
  CHECK(remedy->schedule_epochs(at_step(0)) == Approx(9.75));
  // what `ratio` wants is more than what is left: it rises to the end
  const auto late = make("kl_annealing", {{"schedule", "cyclical"}, {"zero", 0.8}});
  CHECK(late->kl_weight(at_step(224), {}) == Approx(0.5));
  CHECK(late->kl_weight(at_step(249), {}) == Approx(1));
  CHECK(late->schedule_epochs(at_step(0)) == Approx(10));
}
