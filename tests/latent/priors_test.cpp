// Priors: densities that integrate to 1, draws that have them, gradients that reach their parameters.
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <numbers>

#include "catch.h"
#include "latent/prior.h"
#include "matrices.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

using torch::Tensor;

torch::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

std::shared_ptr<Prior> make_prior(const std::string& key, const PriorRequest& request,
                                  const std::map<std::string, Value>& given = {}) {
  torch::manual_seed(3);
  const auto& entry = PriorRegistry::instance().find(key);
  return entry.make(Options(entry.spec, given), request);
}

/// The integral of p(z) over a grid of d 1 or 2.
double mass(const Prior& prior, std::int64_t d) {
  constexpr double side = 12, step = 0.04;
  const auto axis = torch::arange(-side, side, step, torch::kFloat64);
  const auto grid = torch::meshgrid(std::vector<Tensor>(static_cast<std::size_t>(d), axis), "ij");
  const auto z = torch::stack(grid, -1).view({-1, d});
  return (prior.log_p(z).exp().sum() * std::pow(step, d)).item<double>();
}

/// Takes the first two words of each pseudo-sentence for mean and log variance.
Posterior first_words(const Tensor& inputs) { return {inputs[0], inputs[1]}; }

}  // namespace

TEST_CASE("densities of priors integrate to 1") {
  for (const std::int64_t d : {1, 2}) {
    CAPTURE(d);
    const PriorRequest request{{.latent_dim = d, .vocabulary = 9}, d, first_words};
    const std::map<std::string, Value> three = {{"components", std::int64_t{3}}};
    CHECK(mass(*make_prior("standard", request), d) == Approx(1).epsilon(1e-6));
    CHECK(mass(*make_prior("mixture", request, three), d) == Approx(1).epsilon(1e-6));
    CHECK(mass(*make_prior("vamp", request, three), d) == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("the uniform distribution on the sphere") {
  const auto circle = make_prior("sphere", {{.latent_dim = 2}, 0, {}}),
             ball = make_prior("sphere", {{.latent_dim = 3}, 0, {}});
  CHECK(circle->log_p(torch::zeros({1, 2})).item<double>() == Approx(-std::log(2 * std::numbers::pi)));
  CHECK(ball->log_p(torch::zeros({1, 3})).item<double>() == Approx(-std::log(4 * std::numbers::pi)));
  const auto z = ball->sample(20000, generator(1));
  CHECK((z.norm(2, 1) - 1).abs().max().item<double>() < 1e-5);
  CHECK(z.mean(0).abs().max().item<double>() < 0.02);
}

TEST_CASE("draws of a mixture have its moments") {
  const PriorRequest request{{.latent_dim = 1}, 0, {}};
  const auto prior = make_prior("mixture", request, {{"components", std::int64_t{2}}});
  const torch::NoGradGuard no_grad;
  auto parameters = prior->named_parameters();
  parameters["mean"].copy_(matrix({{-2}, {4}}));
  parameters["log_var"].copy_(matrix({{0}, {std::log(0.25F)}}));
  parameters["logits"].copy_(torch::tensor({std::log(3.0F), 0.0F}));  // weights 3/4 and 1/4
  const auto z = prior->sample(40000, generator(2)).to(torch::kFloat64);
  CHECK(z.mean().item<double>() == Approx(-0.5).margin(0.05));            // -2 3/4 + 4 1/4
  CHECK(z.var(0, false).item<double>() == Approx(7.5625).epsilon(0.02));  // 3/4 1 + 1/4 1/4 + 3/4 1/4 36
  const double at_0 = std::log(0.75 * std::exp(-2.0) / std::sqrt(2 * std::numbers::pi) +
                               0.25 * std::exp(-32.0) / std::sqrt(0.5 * std::numbers::pi));
  CHECK(prior->log_p(torch::zeros({1, 1}, torch::kFloat64)).item<double>() == Approx(at_0));
}

TEST_CASE("vamp is the mixture of the posteriors of its pseudo-inputs, whose gradients it passes on") {
  const PriorRequest request{{.latent_dim = 2, .vocabulary = 9}, 2, first_words};
  const auto prior = make_prior("vamp", request, {{"components", std::int64_t{3}}, {"length", std::int64_t{4}}});
  const auto inputs = prior->named_parameters()["inputs"];
  REQUIRE(inputs.sizes() == torch::IntArrayRef({4, 3, 2}));
  const auto z = matrix({{0.5F, -1}});
  double sum = 0;
  for (std::int64_t k = 0; k < 3; ++k)
    sum += std::exp(gaussian_family().log_q({inputs[0][k], inputs[1][k]}, z[0]).item<double>()) / 3;
  CHECK(prior->log_p(z).item<double>() == Approx(std::log(sum)));
  prior->log_p(z).sum().backward();
  CHECK(inputs.grad().slice(0, 0, 2).abs().min().item<double>() > 0);
  CHECK(inputs.grad().slice(0, 2).abs().max().item<double>() == 0);
  const auto of_images = make_prior("vamp", {{.latent_dim = 2, .image = {1, 3, 5}}, 0, [](const Tensor& x) {
                                               CHECK(x.sizes() == torch::IntArrayRef({50, 1, 3, 5}));
                                               CHECK(x.min().item<double>() > 0);
                                               CHECK(x.max().item<double>() < 1);
                                               const auto mean = x.flatten(1).slice(1, 0, 2);
                                               return Posterior{mean, torch::zeros_like(mean)};
                                             }});
  CHECK(of_images->sample(7, generator(1)).sizes() == torch::IntArrayRef({7, 2}));
}
