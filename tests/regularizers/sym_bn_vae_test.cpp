#include <cmath>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

// tau .5 and theta 0: gamma_mu^2 = .5 + .5 * .5 = .75, gamma_sigma^2 = .25.

TEST_CASE("sym_bn_vae with a signed sigma of constant size reaches its floor") {
  const auto remedy = make("sym_bn_vae", {{"guard", 1e-12}});
  // both columns normalise to -1, 1
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), matrix({{6, 5}, {2, 9}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  const float mu = std::sqrt(0.75F);
  CHECK(distance(q.mu, matrix({{-mu, -mu}, {mu, mu}})) < 1e-6);
  CHECK(distance(q.log_var.exp(), torch::full({2, 2}, 0.25)) < 1e-6);
  // KL_j = 1/2 (.75 + .25 - ln .25 - 1) = ln 2
  CHECK(distance(family_of(q).kl(q), torch::full({2, 2}, std::log(2.0))) < 1e-6);
  CHECK(distance(remedy->kl_floor({raw, q}), torch::full({2}, std::log(2.0))) < 1e-6);
  CHECK(remedy->kl_floor_nominal(32) == Approx(11.0903549));  // 16 ln 2
  const auto diagnostics = remedy->diagnostics();
  // the prior's moments: mean 0, second moment 1
  CHECK(distance(q.mu.mean(0), torch::zeros({2})) < 1e-6);
  CHECK(distance((q.mu.square() + q.log_var.exp()).mean(0), torch::ones({2})) < 1e-6);
  CHECK(distance(diagnostics.at("gamma_mu"), torch::full({2}, std::sqrt(0.75))) < 1e-6);
  CHECK(distance(diagnostics.at("gamma_sigma"), torch::full({2}, 0.5)) < 1e-6);
}

TEST_CASE("sym_bn_vae's guard is part of sigma^2 everywhere") {
  const auto remedy = make("sym_bn_vae", {{"guard", 0.1}, {"eps", 1.0}}, 1);
  const RawPosterior raw{matrix({{1}, {3}}), matrix({{2}, {6}})};  // variances 1, 4: r = .5, .8
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.log_var.exp(), torch::full({2, 1}, 0.25 * 0.8 + 0.1)) < 1e-6);
  const double m = 0.375, s = 0.3;
  const auto floor = remedy->kl_floor({raw, q});
  CHECK(floor.item<double>() == Approx(0.5 * (m + s - std::log(s) - 1)));
  CHECK(distance(family_of(q).kl(q).mean(0), floor) < 1e-6);
}

TEST_CASE("sym_bn_vae with a log variance keeps the same second moment") {
  const auto remedy = make("sym_bn_vae", {{"sigma_input", "log_var"}}, 1);
  // mean e^l = (1 + 3) / 2 = 2: sigma^2 = .25 * (1, 3) / 2
  const RawPosterior raw{matrix({{1}, {3}}), matrix({{0}, {std::log(3.0F)}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.log_var.exp(), matrix({{0.125F}, {0.375F}})) < 1e-6);
  const auto floor = remedy->kl_floor({raw, q});
  CHECK(floor.item<double>() == Approx(std::log(2.0)));
  // KL = 1/2 (.75 + .25 - mean ln sigma^2 - 1) = -1/4 (ln .125 + ln .375) = .76507 > .69315
  CHECK(family_of(q).kl(q).mean().item<double>() == Approx(0.7650676));
  // constant l: the floor is reached
  const RawPosterior flat{raw.mu, torch::full({2, 1}, -7.0F)};
  const auto p = posterior_of(*remedy, flat, at_step(0));
  CHECK(distance(family_of(p).kl(p).mean(0), remedy->kl_floor({flat, p})) < 1e-6);
}

TEST_CASE("sym_bn_vae's theta moves the second moment between mean and variance") {
  const auto remedy = make("sym_bn_vae", {{"tau", 0.2}}, 1);
  {
    const torch::NoGradGuard no_grad;
    remedy->named_parameters()["theta"].fill_(std::log(3.0));  // sigmoid = .75
  }
  const auto diagnostics = remedy->diagnostics();
  CHECK(std::pow(diagnostics.at("gamma_mu").item<double>(), 2) == Approx(0.8));     // .2 + .8 * .75
  CHECK(std::pow(diagnostics.at("gamma_sigma").item<double>(), 2) == Approx(0.2));  // .8 * .25
  CHECK(remedy->kl_floor_nominal(2) == Approx(-std::log(0.8)));
}

TEST_CASE("sym_bn_vae with tau 0 may vanish, and its gradient stays finite there") {
  const auto remedy = make("sym_bn_vae", {{"tau", 0.0}, {"sigma_input", "log_var"}}, 1);
  CHECK(remedy->kl_floor_nominal(32) == 0.0);
  auto theta = remedy->named_parameters()["theta"];
  {
    const torch::NoGradGuard no_grad;
    theta.fill_(-120.0);
  }
  const RawPosterior raw{matrix({{1}, {3}}), torch::zeros({2, 1})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  const auto kl = family_of(q).kl(q).mean();
  CHECK(kl.item<double>() == Approx(0).margin(1e-6));
  kl.backward();
  CHECK(torch::isfinite(theta.grad()).all().item<bool>());
}

TEST_CASE("sym_bn_vae's min_kl sets tau") {
  // tau = 1 - exp(-2 * 5 / 4)
  const auto remedy = make("sym_bn_vae", {{"min_kl", 5.0}}, 4);
  CHECK(remedy->kl_floor_nominal(4) == Approx(5.0));
  const double sigma2 = 0.5 * std::exp(-2.5);
  CHECK(std::pow(remedy->diagnostics().at("gamma_sigma")[0].item<double>(), 2) == Approx(sigma2));
}
