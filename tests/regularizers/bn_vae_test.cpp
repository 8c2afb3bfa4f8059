#include "catch.h"
#include "helpers.h"
#include "regularizers/below_floor.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("bn_vae scales the normalised mean and leaves sigma alone") {
  const auto remedy = make("bn_vae");
  // column means 2 and 0, variances 1 and 4: normalised -1, 1
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), matrix({{0, 0}, {0, 0}})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu, matrix({{-0.6F, -0.6F}, {0.6F, 0.6F}})) < 1e-5);
  CHECK(torch::equal(q.log_var, raw.scale));
  // sigma = 1 reaches the floor: KL_j = 1/2 .36 = .18
  const auto floor = remedy->kl_floor({raw, q});
  CHECK(distance(floor, torch::tensor({0.18F, 0.18F})) < 1e-5);
  CHECK(distance(family_of(q).kl(q).mean(0), floor) < 1e-6);
  CHECK(remedy->kl_floor_nominal(32) == Approx(5.76));  // 32 * .36 / 2
}

TEST_CASE("bn_vae's floor sees a batch variance below eps, and the bias") {
  const auto remedy = make("bn_vae", {{"eps", 1.0}});
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), torch::zeros({2, 2})};
  {
    const torch::NoGradGuard no_grad;
    remedy->named_parameters()["norm.bias"].copy_(torch::tensor({0.0F, 2.0F}));
  }
  // r = 1/2 and 4/5: 1/2 .36 / 2 = .09; 1/2 (.36 * .8 + 4) = 2.144
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(remedy->kl_floor({raw, q}), torch::tensor({0.09, 2.144})) < 1e-6);
  CHECK(distance(family_of(q).kl(q).mean(0), torch::tensor({0.09, 2.144})) < 1e-5);
  const auto diagnostics = remedy->diagnostics();
  CHECK(distance(diagnostics.at("bias"), torch::tensor({0.0F, 2.0F})) < 1e-6);
  CHECK(distance(diagnostics.at("gamma"), torch::tensor({0.6F, 0.6F})) < 1e-6);
  CHECK(distance(q.mu.mean(0), torch::tensor({0.0F, 2.0F})) < 1e-6);
}

TEST_CASE("bn_vae's trained gain keeps its RMS") {
  const auto remedy = make("bn_vae", {{"train_gamma", true}, {"gamma", 0.5}});
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), torch::zeros({2, 2})};
  {
    const torch::NoGradGuard no_grad;
    remedy->named_parameters()["norm.gain"].copy_(torch::tensor({3.0F, 4.0F}));
  }
  // rms of (3, 4) is sqrt(12.5): gamma = .5 (3, 4) / 3.5355 = (.42426, .56569)
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu, matrix({{-0.424264F, -0.565685F}, {0.424264F, 0.565685F}})) < 1e-5);
  CHECK(distance(remedy->kl_floor({raw, q}), torch::tensor({0.09, 0.16})) < 1e-5);
}

TEST_CASE("no rounding takes a collapsed batch under its floor") {
  torch::manual_seed(5);
  const auto check = [](Regularizer& remedy, const std::string& bias) {
    {
      const torch::NoGradGuard no_grad;
      remedy.named_parameters()[bias].fill_(0.3);
    }
    double floors = 0;
    for (int i = 0; i < 200; ++i) {
      // of four examples around 6, where single precision has steps of 5e-7; sigma = 1, which reaches the floor
      const RawPosterior raw{torch::randn({4, 2}) * 2e-6 + 6, torch::zeros({4, 2})};
      const auto q = posterior_of(remedy, raw, at_step(0));
      const auto floor = remedy.kl_floor({raw, q});
      CHECK_FALSE(below_floor(family_of(q).kl(q).mean(0, false, torch::kDouble), floor).any().item<bool>());
      floors += floor.sum().item<double>() / 200;
    }
    CHECK(floors == Approx(0.09).epsilon(4e-3));  // 2 (.3^2 / 2), of which rounding may take some
  };
  check(*make("bn_vae"), "norm.bias");
  check(*make("du_vae"), "norm.bias");
  check(*make("bn_scale_schedule"), "bias");
}
