#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("ln_vae normalises each mean over its dimensions") {
  const auto remedy = make("ln_vae");
  // rows (1, 3) and (5, 1): means 2 and 3, variances 1 and 4
  const RawPosterior raw{matrix({{1, 3}, {5, 1}}), torch::zeros({2, 2})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu, matrix({{-0.6F, 0.6F}, {0.6F, -0.6F}})) < 1e-5);
  const auto floor = remedy->kl_floor({raw, q});
  CHECK(distance(floor, torch::tensor({0.18, 0.18})) < 1e-5);
  CHECK(remedy->kl_floor_nominal(32) == Approx(5.76));
}

TEST_CASE("ln_vae bounds the KL although all examples may agree") {
  const auto remedy = make("ln_vae");
  const RawPosterior raw{matrix({{1, 3}, {1, 3}}), torch::zeros({2, 2})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(family_of(q).kl(q).sum(1).mean().item<double>() == Approx(0.36).epsilon(1e-4));
  CHECK(distance(q.mu[0], q.mu[1]) == 0);
  // no statistics of a batch: evaluation needs no collection
  CHECK_FALSE(RegularizerRegistry::instance().find("ln_vae").spec.needs_batch_statistics);
  CHECK(torch::equal(posterior_of(*remedy, raw, at_step(0, Progress::Mode::eval)).mu, q.mu));
}
