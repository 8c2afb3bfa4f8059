#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

const auto kKl = [] { return matrix({{0.1F, 0.6F}, {0.5F, 0.2F}}).requires_grad_(); };

torch::Tensor penalty(const std::string& per, double lambda, torch::Tensor kl = kKl()) {
  return make("free_bits", {{"per", per}, {"lambda", lambda}})->kl_penalty(of_kl(kl), at_step(0));
}

}  // namespace

TEST_CASE("free_bits per example and dimension masks what is below lambda") {
  // .1 and .2 are below .25: .6 and .5 stay
  CHECK(distance(penalty("dim_example", 0.25), torch::tensor({0.6F, 0.5F})) < 1e-6);
  auto kl = kKl();
  penalty("dim_example", 0.25, kl).sum().backward();
  CHECK(torch::equal(kl.grad(), matrix({{0, 1}, {1, 0}})));
}

TEST_CASE("free_bits per dimension and batch takes the larger of lambda and the mean") {
  // means .3 and .4; lambda .35: .35 + .4
  CHECK(distance(penalty("dim_batch", 0.35), torch::tensor({0.75F, 0.75F})) < 1e-6);
  auto kl = kKl();
  penalty("dim_batch", 0.35, kl).mean().backward();
  CHECK(torch::equal(kl.grad(), matrix({{0, 0.5}, {0, 0.5}})));
}

TEST_CASE("free_bits on totals scales lambda by the dimensions") {
  // sums .7 and .7, d = 2
  CHECK(distance(penalty("total_example", 0.3), torch::tensor({0.7F, 0.7F})) < 1e-6);
  CHECK(distance(penalty("total_example", 0.4), torch::tensor({0.8F, 0.8F})) < 1e-6);
  CHECK(distance(penalty("total_batch", 0.3), torch::tensor({0.7F, 0.7F})) < 1e-6);
  CHECK(distance(penalty("total_batch", 0.4), torch::tensor({0.8F, 0.8F})) < 1e-6);
  // one example above, one below the floor of .6: by example .6 + .9, by batch the mean .7
  const auto kl = matrix({{0.2F, 0.3F}, {0.5F, 0.4F}});
  CHECK(distance(penalty("total_example", 0.3, kl), torch::tensor({0.6F, 0.9F})) < 1e-6);
  CHECK(distance(penalty("total_batch", 0.3, kl), torch::tensor({0.7F, 0.7F})) < 1e-6);
}

TEST_CASE("free_bits takes the floor over all dimensions") {
  const auto with_total = [](const std::string& per, double total) {
    return make("free_bits", {{"per", per}, {"total", total}})->kl_penalty(of_kl(kKl()), at_step(0));
  };
  for (const std::string per : {"dim_example", "dim_batch", "total_example", "total_batch"}) {
    INFO(per);
    CHECK(torch::equal(with_total(per, 0.5), penalty(per, 0.25)));  // d = 2
    CHECK(torch::equal(with_total(per, 0.9), penalty(per, 0.45)));
  }
}
