#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("scale_vae feeds the decoder means of a fixed spread and penalises the others") {
  const auto remedy = make("scale_vae", {{"std", 2.0}});
  // means 2 and 0, spreads 1 and 2: factors 2 and 1, with the mean, which is not taken off
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), matrix({{0, -1}, {1, 0}})};
  const auto pair = pair_of(*remedy, raw, at_step(0));
  CHECK(torch::equal(pair.kl.mu, raw.mu));
  CHECK(torch::equal(pair.kl.log_var, raw.scale));
  REQUIRE(pair.decoder.has_value());
  CHECK(distance(pair.decoder->mu, matrix({{2, -2}, {6, 2}})) < 1e-6);
  CHECK(torch::equal(pair.decoder->log_var, raw.scale));
}

TEST_CASE("scale_vae's factors in evaluations are those of the training split") {
  const auto remedy = make("scale_vae");
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), torch::zeros({2, 2})};
  remedy->begin_statistics();
  pair_of(*remedy, raw, at_step(0, Progress::Mode::collect));
  remedy->end_statistics();
  const RawPosterior other{matrix({{5, 5}}), torch::zeros({1, 2})};
  const auto pair = pair_of(*remedy, other, at_step(0, Progress::Mode::eval));
  CHECK(distance(pair.decoder->mu, matrix({{5, 2.5F}})) < 1e-6);
}
