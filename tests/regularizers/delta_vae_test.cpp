#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("delta_vae's KL is delta plus half the positive part of the raw mean") {
  const auto remedy = make("delta_vae", {{"delta", 0.5}});
  const RawPosterior raw{matrix({{-3, 0.4F}, {2, 0}}), matrix({{0, 5}, {-40, 40}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(family_of(q).kl(q), matrix({{0.5F, 0.7F}, {1.5F, 0.5F}})) < 1e-5);
  CHECK(distance(remedy->kl_floor({raw, q}), torch::full({2}, 0.5)) < 1e-12);
  CHECK(remedy->kl_floor_nominal(32) == 16.0);
  CHECK(make("delta_vae")->kl_floor_nominal(32) == Approx(4.8));  // as published for text
}

TEST_CASE("delta_vae's variance lies between the roots of ln x - x + 2 delta + 1") {
  const auto remedy = make("delta_vae", {{"delta", 0.5}}, 1);
  // ln x - x + 2 = 0 at x = .1585943 and 3.1461932
  const RawPosterior raw{torch::zeros({3, 1}), matrix({{-60}, {60}, {0}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  // sigma = (.3982390 + 1.7737512) / 2 = 1.0859951 in the middle
  CHECK(distance(q.log_var.exp(), matrix({{0.1585943F}, {3.1461932F}, {1.1793854F}})) < 1e-5);
  // at the roots the mean is 0 up to the guard, in the middle sqrt(2 + ln 1.17939 - 1.17939 + 1e-6) = .99278
  CHECK(distance(q.mu, matrix({{0.001F}, {0.001F}, {0.992778F}})) < 1e-3);
}

TEST_CASE("delta_vae takes the rate over all dimensions, and a least sigmoid") {
  CHECK(make("delta_vae", {{"total", 8.0}}, 32)->kl_floor_nominal(32) == Approx(8));
  const auto remedy = make("delta_vae", {{"delta", 0.5}, {"sigmoid_min", 0.02}}, 1);
  auto scale = matrix({{-60}, {-2}}).requires_grad_();
  const auto q = posterior_of(*remedy, {torch::ones({2, 1}), scale}, at_step(0));
  // sigma from .3982390 to 1.7737512: .3982390 + .02 * 1.3755122, and at sigmoid(-2) = .1192029
  CHECK(distance((0.5 * q.log_var).exp(), matrix({{0.4257492F}, {0.5622041F}})) < 1e-5);
  q.log_var.sum().backward();
  CHECK(scale.grad()[0].item<double>() == 0.0);
  CHECK(scale.grad()[1].item<double>() > 0.1);
}
