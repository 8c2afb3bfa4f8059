// Remedies with a discriminator of z: aae, factor_vae.
#include <cmath>

#include "catch.h"
#include "helpers.h"
#include "regularizers/discriminator.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// Named "discriminator.layer0.weight" and so on, by hand: s(W1 s(W0 z + b0) + b1) . w2 + b2 for one z.
double logit_by_hand(Regularizer& remedy, const torch::Tensor& z) {
  const auto weights = remedy.named_parameters();
  auto x = z.to(torch::kDouble);
  for (int layer = 0; layer < 3; ++layer) {
    const std::string name = "discriminator.layer" + std::to_string(layer);
    const auto w = weights[name + ".weight"].to(torch::kDouble), b = weights[name + ".bias"].to(torch::kDouble);
    if (layer > 0) x = 1 / (1 + (-x).exp());
    x = w.mv(x) + b;
  }
  return x.item<double>();
}

double minus_log_sigmoid(double logit) { return std::log1p(std::exp(-logit)); }

bool moved(Regularizer& remedy) {
  bool all = true;
  for (const auto& parameter : remedy.parameters()) all = all && parameter.grad().defined();
  return all;
}

}  // namespace

TEST_CASE("aae is the loss of its discriminator and of being taken for the prior") {
  torch::manual_seed(2);
  const auto remedy = make("aae", {{"samples", std::int64_t{1}}, {"weight", 2.0}});
  LossTerms terms;
  auto mu = matrix({{1, -1}, {0.5F, 2}}).requires_grad_();
  terms.posterior.kl = {mu, matrix({{0, -1}, {0.5F, 0}})};
  torch::manual_seed(3);
  const auto z = mu.detach() + (0.5 * terms.posterior.kl.log_var).exp() * torch::randn({1, 2, 2})[0];
  const auto prior = torch::randn({2, 2});
  double wanted = 0;
  for (int i = 0; i < 2; ++i) {
    const double of_z = logit_by_hand(*remedy, z[i]), of_prior = logit_by_hand(*remedy, prior[i]);
    wanted += (minus_log_sigmoid(of_prior) + minus_log_sigmoid(-of_z)) / 4 + minus_log_sigmoid(of_z) / 2;
  }
  torch::manual_seed(3);
  const auto penalty = remedy->kl_penalty(terms, at_step(0));
  REQUIRE(penalty.sizes() == torch::IntArrayRef({2}));
  CHECK(penalty.mean().item<double>() == Approx(2 * wanted).epsilon(1e-5));
  penalty.mean().backward();
  CHECK(moved(*remedy));
  CHECK(mu.grad().abs().min().item<double>() > 0);
}

TEST_CASE("a discriminator's loss moves its weights alone, and held weights are not moved") {
  torch::manual_seed(1);
  Discriminator discriminator(2, 5);
  auto z = torch::randn({4, 2}).requires_grad_();
  discriminator->loss(z, z).backward();
  CHECK_FALSE(z.grad().defined());
  discriminator->zero_grad();
  discriminator->held(z).sum().backward();
  CHECK(z.grad().defined());
  for (const auto& parameter : discriminator->parameters())
    CHECK((!parameter.grad().defined() || parameter.grad().abs().sum().item<double>() == 0));
}

TEST_CASE("factor_vae's discriminator learns the total correlation of a correlated pair") {
  torch::manual_seed(5);
  const auto remedy = make("factor_vae", {{"gamma", 1.0}});
  // z_2 = rho z_1 + noise: TC = -1/2 ln(1 - rho^2) = 0.830 nats at rho = 0.9
  constexpr double rho = 0.9;
  torch::optim::Adam optimiser(remedy->parameters(), torch::optim::AdamOptions(0.01));
  double seen = 0;
  for (int step = 0; step < 1500; ++step) {
    const auto noise = torch::randn({512, 2});
    const auto second = rho * noise.select(1, 0) + std::sqrt(1 - rho * rho) * noise.select(1, 1);
    LossTerms terms;
    terms.z = torch::stack({noise.select(1, 0), second}, 1);
    optimiser.zero_grad();
    const auto loss = remedy->extra_loss(terms, at_step(step));
    loss.backward();
    optimiser.step();
    // What is left without the discriminator's own loss: near its optimum TC minus a little.
    const auto& weights = remedy->named_parameters();
    REQUIRE(weights.contains("discriminator.layer2.weight"));
    if (step >= 1400) {
      const torch::NoGradGuard no_grad;
      double logits = 0;
      for (int i = 0; i < 8; ++i) logits += logit_by_hand(*remedy, terms.z[i]) / 8;
      seen += logits / 100;
    }
  }
  CHECK(seen == Approx(-0.5 * std::log(1 - rho * rho)).margin(0.25));
}
