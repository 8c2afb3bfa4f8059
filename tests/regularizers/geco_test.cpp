#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("geco moves the weight on the reconstruction by the averaged violation") {
  const auto remedy = make("geco", {{"target", 40.0}, {"alpha", 0.5}, {"rate", 0.01}});
  CHECK(remedy->rec_weight(at_step(0), {}) == 1.0);
  // C = 10: e^.1
  CHECK(remedy->rec_weight(at_step(1), {{"batch/rec", 50.0}}) == Approx(std::exp(0.1)));
  // C = .5 * 10 + .5 * 20 = 15: e^.25
  CHECK(remedy->rec_weight(at_step(2), {{"batch/rec", 60.0}}) == Approx(std::exp(0.25)));
  // C = 7.5 - 5 = -2.5 ... (.5 * 15 + .5 * -20): e^(.25 - .025)
  CHECK(remedy->rec_weight(at_step(3), {{"batch/rec", 20.0}}) == Approx(std::exp(0.225)));
  CHECK(remedy->kl_weight(at_step(3), {{"batch/rec", 20.0}}) == 1.0);
}

TEST_CASE("geco's multiplier stays within its bounds") {
  const auto remedy = make("geco", {{"max_lambda", 10.0}, {"rate", 1.0}});
  CHECK(remedy->rec_weight(at_step(1), {{"batch/rec", 1000.0}}) == 10.0);
  for (int i = 0; i < 1000; ++i) remedy->rec_weight(at_step(1), {{"batch/rec", 0.0}});
  CHECK(remedy->rec_weight(at_step(1), {{"batch/rec", 0.0}}) == 0.1);
}
