#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("soft_free_bits scales the weight around the target") {
  const auto remedy = make("soft_free_bits");  // 8 nats, 5%, 10%
  CHECK(remedy->kl_weight(at_step(0), {}) == 1.0);
  CHECK(remedy->kl_weight(at_step(1), {{"batch/kl", 7.0}}) == Approx(0.9));
  CHECK(remedy->kl_weight(at_step(2), {{"batch/kl", 7.9}}) == Approx(0.81));
  CHECK(remedy->kl_weight(at_step(3), {{"batch/kl", 8.2}}) == Approx(0.81));  // within 5% above
  CHECK(remedy->kl_weight(at_step(4), {{"batch/kl", 8.5}}) == Approx(0.891));
  CHECK(remedy->kl_weight(at_step(5), {{"batch/kl", 90.0}}) == Approx(0.9801));
  CHECK(remedy->kl_weight(at_step(6), {{"batch/kl", 90.0}}) == 1.0);
  for (int i = 0; i < 1000; ++i) remedy->kl_weight(at_step(i), {{"batch/kl", 0.0}});
  CHECK(remedy->kl_weight(at_step(0), {{"batch/kl", 0.0}}) > 0);
}
