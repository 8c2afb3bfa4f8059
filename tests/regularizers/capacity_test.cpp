#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("capacity penalises the distance of the KL from a growing target") {
  const auto remedy = make("capacity", {{"gamma", 10.0}, {"max_capacity", 8.0}, {"warmup_epochs", 4.0}});
  const auto kl = matrix({{1, 2}, {0, 1}});                                                     // mean 2
  CHECK(distance(remedy->kl_penalty(of_kl(kl), at_step(0)), torch::full({2}, 20.0)) < 1e-5);    // 10 |2 - 0|
  CHECK(distance(remedy->kl_penalty(of_kl(kl), at_step(50)), torch::full({2}, 10.0)) < 1e-5);   // C = 1
  CHECK(distance(remedy->kl_penalty(of_kl(kl), at_step(200)), torch::full({2}, 20.0)) < 1e-5);  // C = 4
  CHECK(distance(remedy->kl_penalty(of_kl(kl), at_step(900)), torch::full({2}, 60.0)) < 1e-5);  // C = 8
  CHECK(remedy->schedule_epochs(at_step(0)) == 4.0);
}
