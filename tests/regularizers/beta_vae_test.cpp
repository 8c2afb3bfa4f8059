#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("beta_vae weighs the KL by a constant") {
  CHECK(make("beta_vae")->kl_weight(at_step(0), {}) == 0.4);
  CHECK(make("beta_vae", {{"beta", 4.0}})->kl_weight(at_step(900), {{"batch/kl", 9.0}}) == 4.0);
}
