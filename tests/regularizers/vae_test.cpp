#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("vae changes nothing") {
  const auto remedy = make("vae");
  const RawPosterior raw{matrix({{1, 2}}), matrix({{-1, 0.5}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(torch::equal(q.mu, raw.mu));
  CHECK(torch::equal(q.log_var, raw.scale));
  CHECK(remedy->kl_penalty(of_kl(matrix({{0.5, 0.25}})), at_step(0)).item<double>() == Approx(0.75));
  CHECK(remedy->kl_weight(at_step(0), {}) == 1.0);
  CHECK(std::isnan(remedy->kl_floor_nominal(32)));
}
