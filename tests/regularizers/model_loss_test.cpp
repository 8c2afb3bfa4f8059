// Remedies that decode or encode again: iwae, coupled_vae, fraternal, latent_reconstruction.
#include <cmath>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

ToyModel toy() { return {matrix({{1, 0.5F, -1}, {0, 1, 2}}), matrix({{0.5F, 0, 1}, {-1, 1, 0}})}; }

/// A batch of two: posteriors, a draw z of theirs, and what the toy model says of it.
LossTerms terms_of(ToyModel& model) {
  LossTerms terms;
  terms.posterior.kl = {matrix({{1, -1}, {0.5F, 0}}), matrix({{0, -1}, {0.5F, 0}})};
  terms.z = matrix({{0.5F, -1}, {1, 1}});
  terms.rec = model.rec(terms.z);
  return terms;
}

double log_normal(double x, double mean, double log_var) {
  return -0.5 * (std::log(2 * M_PI) + log_var + (x - mean) * (x - mean) / std::exp(log_var));
}

}  // namespace

TEST_CASE("iwae's bound agrees with weights by hand, and replaces the ELBO") {
  const auto remedy = make("iwae", {{"samples", std::int64_t{3}}});
  CHECK(remedy->kl_weight(at_step(0), {}) == 0);
  CHECK(remedy->rec_weight(at_step(0), {}) == 0);
  auto model = toy();
  const auto terms = terms_of(model);
  const auto& q = terms.posterior.kl;
  torch::manual_seed(6);
  std::vector<torch::Tensor> draws{terms.z};
  for (int k = 1; k < 3; ++k) draws.push_back(q.mu + (0.5 * q.log_var).exp() * torch::randn({2, 2}));
  double wanted = 0;
  for (int b = 0; b < 2; ++b) {
    double sum = 0;
    for (const auto& z : draws) {
      double log_weight = -model.rec(z)[b].item<double>();
      for (int j = 0; j < 2; ++j) {
        const double x = z[b][j].item<double>();
        log_weight += log_normal(x, 0, 0) - log_normal(x, q.mu[b][j].item<double>(), q.log_var[b][j].item<double>());
      }
      sum += std::exp(log_weight);
    }
    wanted -= std::log(sum / 3) / 2;
  }
  torch::manual_seed(6);
  CHECK(remedy->model_loss(terms, model, at_step(0)).item<double>() == Approx(wanted).epsilon(1e-5));
  // K = 1: -ELBO by the draw
  const auto one = make("iwae", {{"samples", std::int64_t{1}}})->model_loss(terms, model, at_step(0));
  const auto elbo = family_of(q).log_q(q, terms.z) - log_prior(terms.z) + terms.rec;
  CHECK(one.item<double>() == Approx(elbo.mean().item<double>()).epsilon(1e-5));
}

TEST_CASE("coupled_vae decodes its code and draws z to it, not the code to z") {
  const std::map<std::string, Value> options{{"twin", 2.0}, {"match", 0.5}};
  const auto remedy = make("coupled_vae", options);
  auto model = toy();
  auto terms = terms_of(model);
  terms.z.requires_grad_();
  const auto weights = remedy->named_parameters();
  const auto both = torch::cat({terms.posterior.kl.mu, terms.posterior.kl.log_var}, 1);
  const auto code = torch::matmul(both, weights["code.weight"].detach().t()) + weights["code.bias"].detach();
  double wanted = 0;
  for (int b = 0; b < 2; ++b) {
    wanted += model.rec(code)[b].item<double>();  // 2 / 2
    const double square = (terms.z[b] - code[b]).square().sum().item<double>();
    for (const double c : {0.4, 0.8, 2.0, 4.0, 8.0, 20.0, 40.0}) wanted -= 0.25 * c / (c + square);
  }
  const auto loss = remedy->model_loss(terms, model, at_step(0));
  CHECK(loss.item<double>() == Approx(wanted).epsilon(1e-5));
  loss.backward();
  CHECK(terms.z.grad().abs().min().item<double>() > 0);

  // Without the twin's own loss the code feels nothing.
  auto plain = options;
  plain["distance"] = std::string("euclidean");
  plain["twin"] = 1e-30;
  const auto euclidean = make("coupled_vae", plain);
  euclidean->model_loss(terms, model, at_step(0)).backward();
  CHECK(euclidean->named_parameters()["code.weight"].grad().abs().max().item<double>() < 1e-20);
}

TEST_CASE("fraternal is the squared distance of states under two draws of dropout") {
  auto model = toy();
  const auto terms = terms_of(model);
  torch::manual_seed(9);
  const auto first = model.states(terms.z), second = model.states(terms.z);
  // the mean over 2 x 3 elements, times the words of a sentence: here one
  const double wanted = 0.3 * (first - second).square().sum().item<double>() / 6;
  REQUIRE(wanted > 0);
  torch::manual_seed(9);
  const auto loss = make("fraternal", {{"kappa", 0.3}})->model_loss(terms, model, at_step(0));
  CHECK(loss.item<double>() == Approx(wanted).epsilon(1e-5));
}

TEST_CASE("latent_reconstruction is 0 where decoding is undone by encoding") {
  ToyModel identity(torch::eye(2), torch::zeros({2, 2}));
  LossTerms terms;
  terms.z = matrix({{0.5F, -1}, {1, 1}});
  const auto remedy = make("latent_reconstruction", {{"weight", 3.0}});
  CHECK(remedy->model_loss(terms, identity, at_step(0)).item<double>() == 0);
  ToyModel half(0.5 * torch::eye(2), torch::zeros({2, 2}));
  // 3/4 of |z|^2, meaned: 3 (1.25 + 2) / 4 / 2
  CHECK(remedy->model_loss(terms, half, at_step(0)).item<double>() == Approx(3 * 3.25 / 8));
}
