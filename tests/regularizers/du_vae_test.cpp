#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("du_vae adds a floor to the variance") {
  // alpha = 2 pi e: a floor of 1
  const auto remedy = make("du_vae", {{"alpha", 2 * M_PI * M_E}, {"drop", 0.0}});
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), matrix({{0, std::log(3.0F)}, {0, -30}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu, matrix({{-0.5F, -0.5F}, {0.5F, 0.5F}})) < 1e-5);
  CHECK(distance(q.log_var.exp(), matrix({{2, 4}, {2, 1}})) < 1e-5);
  CHECK(distance(remedy->kl_floor({raw, q}), torch::tensor({0.125, 0.125})) < 1e-5);  // 1/2 .5^2
  CHECK(remedy->kl_floor_nominal(32) == Approx(4.0));
}

TEST_CASE("du_vae drops variances in training only") {
  torch::manual_seed(1);
  const auto remedy = make("du_vae", {{"alpha", 2 * M_PI * M_E}, {"drop", 0.2}}, 1);
  const RawPosterior raw{torch::randn({20000, 1}), torch::zeros({20000, 1})};
  // variance 1 becomes 1 + 1 / .8 = 2.25 or, with probability .2, 1
  const auto variance = posterior_of(*remedy, raw, at_step(0)).log_var.exp();
  CHECK((variance < 1.5).to(torch::kDouble).mean().item<double>() == Approx(0.2).margin(0.01));
  CHECK(variance.max().item<double>() == Approx(2.25));
  CHECK(variance.mean().item<double>() == Approx(2.0).margin(0.02));
  const auto evaluated = posterior_of(*remedy, raw, at_step(0, Progress::Mode::eval_running)).log_var.exp();
  CHECK(distance(evaluated, torch::full({20000, 1}, 2.0)) < 1e-5);
}

TEST_CASE("du_vae leaves the variance alone before variance_from_epoch") {
  const auto remedy = make("du_vae", {{"variance_from_epoch", 2}});
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), matrix({{0, 1}, {0, -30}})};
  CHECK(torch::equal(posterior_of(*remedy, raw, at_step(199)).log_var, raw.scale));
  CHECK_FALSE(torch::equal(posterior_of(*remedy, raw, at_step(200)).log_var, raw.scale));
  // An evaluation is of what was trained last: after epochs 1 and 2 the variance is as it was, after epoch 3 it is not.
  remedy->begin_statistics();
  posterior_of(*remedy, raw, at_step(200, Progress::Mode::collect));
  remedy->end_statistics();
  CHECK(torch::equal(posterior_of(*remedy, raw, at_step(200, Progress::Mode::eval)).log_var, raw.scale));
  CHECK_FALSE(torch::equal(posterior_of(*remedy, raw, at_step(300, Progress::Mode::eval)).log_var, raw.scale));
  CHECK(remedy->schedule_epochs(at_step(0)) == 3.0);
}
