#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("control_vae adds a proportional and an integral term") {
  const auto remedy = make("control_vae", {{"target", 3.0}, {"kp", 0.1}, {"ki", 0.05}});
  CHECK(remedy->kl_weight(at_step(0), {}) == 0.0);
  // e = -2: P = .1 / (1 + e^-2) = .0880797, I = .1
  CHECK(remedy->kl_weight(at_step(1), {{"batch/kl", 5.0}}) == Approx(0.1880797));
  // e = -1: P = .1 / (1 + e^-1) = .0731059, I = .15
  CHECK(remedy->kl_weight(at_step(2), {{"batch/kl", 4.0}}) == Approx(0.2231059));
  // e = 1: P = .1 / (1 + e) = .0268941, I = .1
  CHECK(remedy->kl_weight(at_step(3), {{"batch/kl", 2.0}}) == Approx(0.1268941));
}

TEST_CASE("control_vae's integrator does not wind up at the bounds") {
  const auto remedy = make("control_vae", {{"target", 3.0}, {"kp", 0.01}, {"ki", 0.2}});
  for (int i = 0; i < 1000; ++i) CHECK(remedy->kl_weight(at_step(i), {{"batch/kl", 0.0}}) < 0.001);
  // e = -1 lifts the weight at once: I = .2, P = .01 / (1 + e^-1)
  CHECK(remedy->kl_weight(at_step(1000), {{"batch/kl", 4.0}}) == Approx(0.2 + 0.0073106).epsilon(1e-4));
  for (int i = 0; i < 1000; ++i) remedy->kl_weight(at_step(i), {{"batch/kl", 50.0}});
  CHECK(remedy->kl_weight(at_step(0), {{"batch/kl", 50.0}}) <= 1.0);
  // and e = 2 lowers it at once
  CHECK(remedy->kl_weight(at_step(0), {{"batch/kl", 1.0}}) < 0.7);
}

TEST_CASE("control_vae's integrator winds up as in the authors' code where asked to") {
  const auto remedy = make("control_vae", {{"target", 3.0}, {"kp", 0.01}, {"ki", 0.2}, {"windup", "public"}});
  for (int i = 0; i < 10; ++i) CHECK(remedy->kl_weight(at_step(i), {{"batch/kl", 0.0}}) < 0.001);  // I = -6
  // e = -1 lifts I by .2 a step: the 31st is the first whose sum is above 0
  for (int i = 0; i < 29; ++i) CHECK(remedy->kl_weight(at_step(i), {{"batch/kl", 4.0}}) == 0.0);
  remedy->kl_weight(at_step(0), {{"batch/kl", 4.0}});
  CHECK(remedy->kl_weight(at_step(0), {{"batch/kl", 4.0}}) == Approx(0.2073106));
}
