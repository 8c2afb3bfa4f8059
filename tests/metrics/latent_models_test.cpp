// Models with other posteriors and priors than the usual ones: likelihoods against quadrature, gradients, and what of
// the metrics they have.
#include <cmath>
#include <numbers>
#include <tuple>

#include "catch.h"
#include "metrics/evaluate.h"
#include "metrics/found_metric.h"
#include "metrics/importance_nll.h"
#include "models/image_model.h"

using namespace klbench;
using namespace klbench::testing;
using torch::Tensor;

namespace {

constexpr ImageShape kShape{1, 2, 3};

const std::pair<const char*, const char*> kPairs[] = {{"gaussian", "mixture"}, {"gaussian", "vamp"},
                                                      {"iaf", "standard"},     {"iaf", "mixture"},
                                                      {"vmf", "sphere"},       {"vmf", "vamp"}};

Vae model_of(const std::string& posterior, const std::string& prior, const Given& more = {}, std::int64_t d = 2) {
  Given options = {{"components", std::int64_t{3}}, {"kappa", 1.0}, {"layers", std::int64_t{1}}};
  options.insert(more.begin(), more.end());
  auto model = image_model(kShape, d, "mlp", "mlp", options, posterior, prior);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->group(kDecoder)) parameter.mul_(3);  // so that z matters
  return model;
}

/// The model after 50 steps of Adam on the split.
Vae trained(Vae model, const Images& split) {
  torch::optim::Adam optimizer(model->parameters(), 0.02);
  const auto batch = make_batch(split, {0, 1, 2, 3});
  model->train();
  torch::manual_seed(4);
  for (int step = 0; step < 50; ++step) {
    const auto latent = model->latent(model->posterior(batch, {}), torch::randn({4, 2}));
    const auto loss = (model->reconstruct(batch, latent.z, {}) + latent.kl.sum(1)).mean();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  return model;
}

/// Points of the latent space [n, d] and the logarithm of what each stands for; the sphere has d = 2.
std::pair<Tensor, double> space(bool sphere, std::int64_t d = 2) {
  if (sphere) {
    constexpr std::int64_t n = 2000;
    const auto angle = torch::arange(n, torch::kFloat64) * (2 * std::numbers::pi / n);
    return {torch::stack({angle.cos(), angle.sin()}, 1), std::log(2 * std::numbers::pi / n)};
  }
  constexpr double step = 0.08;
  const auto axis = torch::arange(-12, 12, step, torch::kFloat64);
  const auto grid = torch::meshgrid(std::vector<Tensor>(static_cast<std::size_t>(d), axis), "ij");
  return {torch::stack(grid, -1).view({-1, d}), static_cast<double>(d) * std::log(step)};
}

}  // namespace

TEST_CASE("the importance-weighted bound agrees with quadrature for every posterior and prior") {
  const Images split = random_images(4, kShape);
  std::vector<std::tuple<std::string, std::string, Vae>> models;
  for (const auto& [posterior, prior] : kPairs) models.emplace_back(posterior, prior, model_of(posterior, prior));
  models.emplace_back("vmf", "sphere", trained(model_of("vmf", "sphere", {{"learn_kappa", true}}), split));
  models.emplace_back("gaussian", "vamp", trained(model_of("gaussian", "vamp"), split));
  for (auto& [posterior, prior, model] : models) {
    CAPTURE(posterior, prior);
    const EvaluationMode evaluation(*model);
    const auto [z, log_cell] = space(posterior == "vmf");
    const auto batch = make_batch(split, {0, 1, 2, 3});
    const auto rec = model->reconstruct_samples(batch, z.to(torch::kFloat32).unsqueeze(1).expand({-1, 4, 2}));
    const auto log_p = model->prior().log_p(z);
    CHECK(std::exp((log_p.logsumexp(0).item<double>() + log_cell)) == Approx(1).epsilon(2e-3));
    const auto wanted = -(torch::logsumexp(log_p.unsqueeze(1) - rec.to(torch::kFloat64), 0) + log_cell);
    EvaluationOptions options;
    options.progress.mode = Progress::Mode::eval;
    const auto found = importance_nll(model, split, {0, 1, 2, 3}, {4000}, options);
    const auto away = (found.nll - wanted).abs();
    CHECK((away < 5 * found.error + 2e-3).all().item<bool>());
    CHECK(found.error.max().item<double>() < 0.15);
  }
}

TEST_CASE("the KL of a Gaussian posterior from a mixture or vamp prior, by its draws, is that of quadrature") {
  const Batch batch = make_batch(random_images(1, kShape), {0});
  for (const char* prior : {"mixture", "vamp"}) {
    for (const std::int64_t d : {1, 2}) {
      CAPTURE(prior, d);
      auto model = model_of("gaussian", prior, {}, d);
      const EvaluationMode evaluation(*model);
      const auto pair = model->posterior(batch, {.mode = Progress::Mode::eval});
      const auto [z, log_cell] = space(false, d);
      const auto log_q = gaussian_family().log_q(pair.kl.to(torch::kFloat64), z.unsqueeze(1)).squeeze(1);
      const auto log_p = model->prior().log_p(z);
      CHECK(std::exp(log_p.logsumexp(0).item<double>() + log_cell) == Approx(1).epsilon(1e-4));
      const double wanted = ((log_q + log_cell).exp() * (log_q - log_p)).sum().item<double>();
      torch::manual_seed(2);
      const auto many = pair.kl.select(torch::zeros({20000}, torch::kInt64));
      const auto kl = model->latent({many, std::nullopt}, torch::randn({20000, d})).kl.to(torch::kFloat64);
      CHECK(std::abs(kl.mean().item<double>() - wanted) < 4 * kl.std().item<double>() / std::sqrt(20000.0));
      CHECK(wanted > 0);
    }
  }
}

TEST_CASE("bits per dimension are nats per image over ln 2 and the pixels") {
  Images split = random_images(5, kShape);
  split.pixels.assign(split.pixels.size(), 255);  // all white
  for (const std::int64_t d : {0, 2}) {
    CAPTURE(d);
    auto model = image_model(kShape, d, "mlp", "mlp");
    const torch::NoGradGuard no_grad;
    for (auto& parameter : model->parameters()) parameter.zero_();  // q(z|x) = N(0, I): the bound is exact
    model->group(kDecoder).back().fill_(std::log(3.0));             // white with probability 3/4
    const auto found = evaluate(model, split, {.nll_samples = 5});
    CHECK(found.at("nll").values[0] == Approx(6 * std::log(4.0 / 3)));
    CHECK(found.at("bpd").values[0] == Approx(0.41503750));  // log2(4 / 3)
    CHECK_FALSE(found.contains("ppl"));
  }
}

TEST_CASE("the KL of the draws is that of the importance weights, and gradients reach family and prior") {
  for (const auto& [posterior, prior] : kPairs) {
    CAPTURE(posterior, prior);
    auto model = model_of(posterior, prior, {{"learn_kappa", true}});
    model->to(torch::kFloat64);
    model->train();
    auto batch = make_batch(random_images(5, kShape), {0, 1, 2, 3, 4});
    batch.x = batch.x.to(torch::kFloat64);
    torch::manual_seed(3);
    const auto noise = torch::randn({5, 2}, torch::kFloat64);
    const auto loss = [&] {
      const auto pair = model->posterior(batch, {});
      const auto latent = model->latent(pair, noise);
      CHECK(latent.kl.sizes() == torch::IntArrayRef({5, 1}));
      return (model->reconstruct(batch, latent.z, {}) + latent.kl.sum(1)).mean();
    };
    if (std::string(posterior) != "vmf") {  // its table is piecewise linear: tests/latent has its gradients
      CHECK(wrong_gradients(model, loss).empty());
    } else {
      loss().backward();
    }
    for (const auto& parameter : model->group(kOwn)) CHECK(parameter.grad().abs().max().item<double>() > 0);
    const auto own = model->named_parameters();
    CHECK((std::string(posterior) != "iaf" || own.contains("posterior.step0.in.weight")));
    CHECK((std::string(prior) != "vamp" || own.contains("prior.inputs")));
  }
}

TEST_CASE("metrics that a posterior or prior does not have are left out, not guessed") {
  const Images split = random_images(20, kShape);
  EvaluationOptions options;
  options.progress.mode = Progress::Mode::eval;
  options.nll_samples = 20;
  for (const auto& [posterior, prior] : kPairs) {
    CAPTURE(posterior, prior);
    auto model = model_of(posterior, prior);
    const auto found = evaluate(model, split, options);
    const bool flow = std::string(posterior) == "iaf";
    CHECK(found.contains("mi") == !flow);
    CHECK(found.contains("marginal_kl_gap") == !flow);
    CHECK(found.contains("marginal_kl_gaussian") == (std::string(prior) == "standard"));
    CHECK_FALSE(found.contains("kl_dim"));
    for (const char* name : {"au", "decoder_au"}) CHECK(found.contains(name) == (std::string(posterior) != "vmf"));
    for (const char* name : {"kl", "nll", "swap_gap", "mu_var"}) {
      CAPTURE(name);
      REQUIRE(found.contains(name));
      for (const double value : found.at(name).values) CHECK(std::isfinite(value));
    }
    const bool closed = std::string(prior) == "sphere";
    CHECK(std::get<std::string>(found.at("kl").attributes.at("estimator")) ==
          (closed ? "closed form" : "one z per x, log q(z|x) - log p(z)"));
    CHECK(found.at("kl").attributes.contains("error") == !closed);
    if (!flow) {
      CHECK((std::get<std::string>(found.at("marginal_kl_gap").attributes.at("error_over")) == kOverDraws) == closed);
    }
  }
}

TEST_CASE(
    "active units of a flow, estimated from draws, are those of the Gaussian it starts from where it does nothing") {
  auto plain = model_of("gaussian", "standard"), flow = model_of("iaf", "standard");
  const torch::NoGradGuard no_grad;
  for (auto& parameter : flow->named_parameters()) {
    if (parameter.key().find("posterior.") == 0) parameter.value().zero_();
  }
  for (auto& parameter : flow->named_parameters()) {
    if (parameter.key().find("out.bias") != std::string::npos) parameter.value().slice(0, 2).fill_(30);  // gates of 1
  }
  const Images split = random_images(60, kShape);
  EvaluationOptions options;
  options.progress.mode = Progress::Mode::eval;
  options.with_nll = false;
  options.mi_samples = 200;
  const auto wanted = evaluate(plain, split, options), found = evaluate(flow, split, options);
  for (const char* name : {"mu_mean", "mu_var", "sigma2_mean"}) {
    for (std::size_t j = 0; j < 2; ++j) {
      // Between two steps the order of the dimensions is reversed once.
      CHECK(found.at(name).values[j] == Approx(wanted.at(name).values[1 - j]).epsilon(0.15).margin(0.02));
    }
  }
}

TEST_CASE("the way between two latents is straight, and on the sphere an arc of it") {
  const auto a = torch::tensor({1.0F, 0.0F}), b = torch::tensor({0.0F, 1.0F});
  const auto line = model_of("gaussian", "standard")->way(a, b, 3), arc = model_of("vmf", "sphere")->way(a, b, 3);
  CHECK(line[1][0].item<double>() == Approx(0.5));
  CHECK(arc[1][0].item<double>() == Approx(std::sqrt(0.5)));
  CHECK(torch::equal(arc[2], b));
}
