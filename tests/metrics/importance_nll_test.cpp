#include "metrics/importance_nll.h"

#include <numbers>

#include "catch.h"
#include "metrics/metrics_data.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// x = w.z + e, z ~ N(0, I) in two dimensions, e ~ N(0, s2): p(x) = N(0, |w|^2 + s2).
struct LinearGaussian {
  torch::Tensor x;  // [B] float64
  torch::Tensor w = torch::tensor({1.0, 0.5}, torch::kFloat64);
  double s2 = 0.5;

  LogLikelihood log_p() const {
    return [*this](const torch::Tensor& columns, const torch::Tensor& z) {
      const auto error = x.index_select(0, columns) - z.to(torch::kFloat64).matmul(w);
      return -0.5 * (error.square() / s2 + std::log(2 * std::numbers::pi * s2));
    };
  }
  torch::Tensor nll() const {
    const double variance = w.square().sum().item<double>() + s2;
    return 0.5 * (x.square() / variance + std::log(2 * std::numbers::pi * variance));
  }
  /// The diagonal Gaussian that fits the true posterior best: its mean w x / variance, its precision's diagonal.
  Posterior best_diagonal() const {
    const double variance = w.square().sum().item<double>() + s2;
    return {x.unsqueeze(1) * w / variance, (-(1 + w.square() / s2).log()).expand({x.size(0), 2}).contiguous()};
  }
};

std::vector<std::int64_t> numbered(std::int64_t n) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < n; ++i) rows.push_back(i);
  return rows;
}

const LinearGaussian kModel{torch::linspace(-3, 3, 40, torch::kFloat64)};

}  // namespace

TEST_CASE("the importance-weighted bound finds a marginal likelihood known in closed form") {
  const auto found =
      importance_nll(kModel.best_diagonal(), numbered(40), kModel.log_p(), {.rounds = {5000}, .seed = 1});
  const auto difference = found.nll - kModel.nll();
  CHECK(difference.abs().max().item<double>() < 0.1);
  CHECK(std::abs(difference.mean().item<double>()) < 0.01);
  const auto errors = (difference / found.error).square().mean().sqrt().item<double>();
  CHECK(errors > 0.6);  // the stated standard error is the real one
  CHECK(errors < 1.5);
  CHECK(found.samples.eq(5000).all().item<bool>());
}

TEST_CASE("few samples give an upper bound, more a tighter one") {
  Posterior prior{torch::zeros({40, 2}, torch::kFloat64), torch::zeros({40, 2}, torch::kFloat64)};
  const auto found = importance_nll(prior, numbered(40), kModel.log_p(), {.rounds = {2, 50, 2000}, .seed = 3});
  const auto gaps = (found.by_round - kModel.nll()).mean(1);
  CHECK(gaps[0].item<double>() > gaps[1].item<double>());
  CHECK(gaps[1].item<double>() > std::abs(gaps[2].item<double>()));
  CHECK(torch::equal(found.by_round[2], found.nll));
  CHECK(torch::equal(found.error_by_round[2], found.error));
  CHECK(found.error_by_round[0].mean().item<double>() > 3 * found.error.mean().item<double>());
  CHECK(found.ess.max().item<double>() < 2000);
}

TEST_CASE("the true posterior needs one sample") {
  const LinearGaussian model{torch::tensor({-1.0, 0.0, 2.0}, torch::kFloat64), torch::ones({1}, torch::kFloat64), 1.0};
  const Posterior exact{model.x.unsqueeze(1) / 2, torch::full({3, 1}, -std::log(2.0), torch::kFloat64)};
  SECTION("the estimate is exact and every sample effective") {
    const auto found = importance_nll(exact, numbered(3), model.log_p(), {.rounds = {7}});
    CHECK(torch::allclose(found.nll, model.nll(), 0, 1e-9));
    CHECK(torch::allclose(found.ess, torch::full({3}, 7.0, torch::kFloat64)));
    CHECK(found.error.max().item<double>() < 1e-6);
  }
  SECTION("a tolerance stops after the first round") {
    const ImportanceOptions options{.rounds = importance_rounds(500, 0.01), .tolerance = 0.01};
    CHECK(importance_nll(exact, numbered(3), model.log_p(), options).samples.eq(16).all().item<bool>());
  }
}

TEST_CASE("a posterior narrower than single precision loses no noise") {
  const Posterior q{torch::full({4, 2}, 0.3F), torch::full({4, 2}, -50.0F)};
  const LogLikelihood flat = [](const torch::Tensor& columns, const torch::Tensor& z) {
    return torch::zeros({z.size(0), columns.size(0)}, torch::kFloat64);
  };
  const ImportanceOptions options{.rounds = {200}, .seed = 5};
  const auto single = importance_nll(q, numbered(4), flat, options);
  const auto exact = importance_nll(q.to(torch::kFloat64), numbered(4), flat, options);
  CHECK((single.nll - exact.nll).abs().max().item<double>() < 1e-4);  // all on the mean: a nat too high
}

TEST_CASE("with a tolerance easy sentences stop early and hard ones go on") {
  auto q = kModel.best_diagonal();
  q.mu.slice(0, 0, 20).add_(0.8);  // the first half's posterior is off
  const ImportanceOptions options{.rounds = importance_rounds(4000, 0.05), .tolerance = 0.05, .seed = 5};
  const auto found = importance_nll(q, numbered(40), kModel.log_p(), options);
  const auto samples = found.samples.to(torch::kFloat64);
  CHECK(samples.slice(0, 0, 20).mean().item<double>() > 2 * samples.slice(0, 20).mean().item<double>());
  CHECK(samples.min().item<double>() < 4000);
  const auto reached = found.error.le(0.05) | found.samples.eq(4000);
  CHECK(reached.all().item<bool>());
  CHECK((found.nll - kModel.nll()).abs().mean().item<double>() < 0.1);
}

TEST_CASE("importance rounds double up to K, and there is one without tolerance") {
  CHECK(importance_rounds(100, 0.1) == std::vector<std::int64_t>{16, 32, 64, 100});
  CHECK(importance_rounds(16, 0.1) == std::vector<std::int64_t>{16});
  CHECK(importance_rounds(100, 0) == std::vector<std::int64_t>{100});
}

TEST_CASE("neither batching nor chunks of samples change a sentence's nll") {
  const auto q = kModel.best_diagonal();
  const auto whole = importance_nll(q, numbered(40), kModel.log_p(), {.rounds = {100}, .seed = 9});
  const auto chunked =
      importance_nll(q, numbered(40), kModel.log_p(), {.rounds = {100}, .seed = 9, .rows_at_once = 70});
  CHECK(torch::allclose(whole.nll, chunked.nll, 0, 1e-12));
  CHECK(torch::allclose(whole.ess, chunked.ess));
  const auto pick = torch::tensor(std::vector<std::int64_t>{30, 7});
  const LinearGaussian two{kModel.x.index_select(0, pick)};
  const Posterior q_two{q.mu.index_select(0, pick), q.log_var.index_select(0, pick)};
  const auto alone = importance_nll(q_two, {30, 7}, two.log_p(), {.rounds = {100}, .seed = 9});
  CHECK(torch::allclose(alone.nll, whole.nll.index_select(0, pick), 0, 1e-12));
  const auto other = importance_nll(q, numbered(40), kModel.log_p(), {.rounds = {100}, .seed = 10});
  CHECK_FALSE(torch::allclose(whole.nll, other.nll, 0, 1e-6));
}

TEST_CASE("likelihoods of hundreds of nats neither overflow nor underflow") {
  const Posterior q{torch::zeros({1, 2}, torch::kFloat64), torch::zeros({1, 2}, torch::kFloat64)};
  const auto shift = GENERATE(-2000.0, 2000.0);
  const auto constant = [shift](const torch::Tensor& columns, const torch::Tensor& z) {
    return torch::full({z.size(0), columns.size(0)}, shift, torch::kFloat64);
  };
  CHECK(importance_nll(q, {0}, constant, {.rounds = {10}}).nll.item<double>() == Approx(-shift));
}
