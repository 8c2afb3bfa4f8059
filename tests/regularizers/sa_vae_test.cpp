#include <cmath>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;
using torch::Tensor;

namespace {

struct Gradients {
  Tensor end, of_start, of_decoder;
};

const std::map<std::string, Value> kThreeSteps{
    {"steps", std::int64_t{3}}, {"lr", 0.3}, {"momentum", 0.6}, {"max_norm", 0.0}, {"radius", 3e-4}};

std::shared_ptr<ToyModel> toy() {
  return std::make_shared<ToyModel>(matrix({{1, 0.5F, -1}, {0, 1, 2}}), matrix({{0.5F, 0, 1}, {-1, 1, 0}}));
}

PosteriorPair start_of() { return {{matrix({{1, -1}, {0.5F, 0}}), matrix({{0, -1}, {0.5F, 0}})}, std::nullopt}; }

/// What the refined posterior is worth: any function of it and of the decoder.
Tensor worth(const Tensor& end, const Tensor& decoder) {
  return (end * torch::arange(8, end.options()).view({2, 4}).cos()).sum() + (end.slice(1, 0, 2).matmul(decoder)).sum();
}

Progress training(double kl_weight) {
  auto progress = at_step(0);
  progress.kl_weight = kl_weight;
  return progress;
}

/// The same descent in double, with second derivatives by autograd.
Gradients by_autograd(double kl_weight, double max_norm) {
  auto model = toy();
  auto decoder = model->decoder.to(torch::kDouble).requires_grad_();
  const auto target = model->x.to(torch::kDouble);
  const auto pair = start_of();
  auto start = torch::cat({pair.kl.mu, pair.kl.log_var}, 1).to(torch::kDouble).requires_grad_();
  torch::manual_seed(11);
  Tensor x = start, velocity = torch::zeros_like(start);
  for (int k = 0; k < 3; ++k) {
    const auto noise = torch::randn({2, 2}).to(torch::kDouble);
    const auto seed = torch::randint(1L << 62, {1}, torch::kLong).item<std::int64_t>();
    const auto mu = x.slice(1, 0, 2), log_var = x.slice(1, 2);
    const auto z = mu + (0.5 * log_var).exp() * noise;
    const auto rec = 0.5 * (torch::tanh(z.matmul(decoder)) - target).square().sum(1);
    const auto kl = 0.5 * (mu.square() + log_var.exp() - log_var - 1).sum(1);
    const auto gradient = torch::autograd::grad({(rec + kl_weight * kl).sum()}, {x}, {}, true, true)[0];
    const auto bound = max_norm > 0 ? (max_norm / gradient.norm(2, 1, true)).clamp_max(1) : torch::ones_like(gradient);
    velocity = 0.6 * velocity - bound * gradient;
    x = x + 0.3 * velocity;
    torch::manual_seed(static_cast<std::uint64_t>(seed));  // where the remedy's dropout begins
  }
  worth(x, decoder).backward();
  return {x.detach(), start.grad(), decoder.grad()};
}

}  // namespace

TEST_CASE("sa_vae descends each example's ELBO, and its gradient goes back through the steps") {
  const double kl_weight = GENERATE(1.0, 0.25), max_norm = GENERATE(0.0, 0.8);  // 0.8 bounds some
  const auto expected = by_autograd(kl_weight, max_norm);
  REQUIRE(expected.of_start.isfinite().all().item<bool>());
  REQUIRE(expected.of_decoder.isfinite().all().item<bool>());
  auto model = toy();
  model->decoder.requires_grad_();
  auto pair = start_of();
  pair.kl.mu.requires_grad_();
  pair.kl.log_var.requires_grad_();
  torch::manual_seed(11);
  auto options = kThreeSteps;
  options["max_norm"] = max_norm;
  const auto refined = make("sa_vae", options)->refine(pair, model, training(kl_weight));
  const auto end = torch::cat({refined.kl.mu, refined.kl.log_var}, 1);
  CHECK(distance(end.detach(), expected.end) < 1e-5);
  CHECK((expected.end - torch::cat({pair.kl.mu, pair.kl.log_var}, 1).detach()).abs().max().item<double>() > 0.1);
  worth(end, model->decoder).backward();
  const auto of_start = torch::cat({pair.kl.mu.grad(), pair.kl.log_var.grad()}, 1);
  CHECK(distance(of_start, expected.of_start) < 2e-3 * expected.of_start.abs().max().item<double>());
  CHECK(distance(model->decoder.grad(), expected.of_decoder) < 2e-3 * expected.of_decoder.abs().max().item<double>());
}

TEST_CASE("sa_vae in evaluations: gradients off, draws the same for all, each example on its own, the ELBO better") {
  const auto remedy = make("sa_vae", kThreeSteps);
  const auto model = toy();
  const auto pair = start_of();
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const auto both = remedy->refine(pair, model, at_step(5, Progress::Mode::eval)).kl;
  const auto drawn = torch::randn({1}).item<float>();
  torch::manual_seed(1);
  CHECK(drawn == torch::randn({1}).item<float>());  // the state of the training is left alone
  const auto alone = std::make_shared<ToyModel>(model->decoder, model->x.slice(0, 1));
  const Posterior second{pair.kl.mu.slice(0, 1), pair.kl.log_var.slice(0, 1)};
  CHECK(distance(remedy->refine({second, std::nullopt}, alone, at_step(5, Progress::Mode::eval)).kl.mu[0], both.mu[1]) <
        1e-6);
  const auto loss_of = [&](const Posterior& q) {
    torch::manual_seed(2);
    Tensor sum = family_of(q).kl(q).sum(1);
    for (int i = 0; i < 400; ++i) sum = sum + model->rec(family_of(q).sample(q, torch::randn({2, 2}))) / 400;
    return sum.mean().item<double>();
  };
  CHECK(loss_of(both) < loss_of(pair.kl) - 0.1);
}

TEST_CASE("sa_vae bounds each example's gradient") {
  auto options = kThreeSteps;
  options["steps"] = std::int64_t{1};
  options["lr"] = 1.0;
  options["max_norm"] = 0.01;
  const torch::NoGradGuard no_grad;
  const auto pair = start_of();
  const auto q = make("sa_vae", options)->refine(pair, toy(), at_step(5, Progress::Mode::eval)).kl;
  const auto moved = torch::cat({q.mu - pair.kl.mu, q.log_var - pair.kl.log_var}, 1).norm(2, 1);
  CHECK(distance(moved, torch::full({2}, 0.01)) < 1e-5);
}
