// The estimators against models of which the truth is known (tests/validation/known_models.h); by N, K and d at length
// in experiments/metric_validation.
#include "validation/known_models.h"

#include "catch.h"
#include "metrics/active_units.h"
#include "metrics/elbo.h"
#include "metrics/estimate.h"
#include "metrics/marginal_kl.h"
#include "metrics/metrics_data.h"
#include "metrics/mi.h"
#include "metrics/perplexity.h"
#include "metrics/surgery.h"
#include "metrics/swap.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

std::vector<std::int64_t> first_rows(std::int64_t n) {
  const auto rows = torch::arange(n);
  return {rows.data_ptr<std::int64_t>(), rows.data_ptr<std::int64_t>() + n};
}

/// Within four of its standard errors (1 in 16,000 by chance) and `slack`, the bias that is allowed.
void check_near(const Estimate& found, double truth, double slack = 0) {
  INFO(found.value << " +- " << found.error << " against " << truth);
  CHECK(std::abs(found.value - truth) < 4 * found.error + slack);
}

/// Every estimator on n examples of a model, in d <= 2 dimensions or so: what they share with evaluate() is all but the
/// network.
template <class Model>
void check_estimators(const Model& model, std::int64_t n, double mi_slack) {
  const auto truth = model.truth();
  const auto x = model.sample(n, 1);
  const auto q = model.posterior(x);
  std::vector<torch::Tensor> draws;
  for (std::uint64_t s = 0; s < 8; ++s) draws.push_back(one_sample(q, 100 + s));
  const auto rec_of = [&](const torch::Tensor& z) {
    return -model.log_p(x)(torch::arange(n), z.unsqueeze(0)).squeeze(0);
  };
  const auto rec = rec_of(draws[0]);
  check_near(over_examples(rec), truth.rec);
  const auto kl_dim = gaussian_family().kl(q);
  check_near(over_examples(kl_dim.sum(1)), truth.kl, 1e-9);
  CHECK(elbo_of(rec, kl_dim).elbo == Approx(-truth.rec - truth.kl).epsilon(0.05));

  // mi adds its error over the examples to the one that it states, over draws.
  const auto terms = mutual_information_terms(q, torch::stack(draws));
  const auto mi = over_draws(terms);
  CHECK(mi.error < over_examples(terms.mean(0)).error);
  check_near(over_examples(terms.mean(0)), truth.mi, mi_slack);
  check_near(over_examples(kl_dim.sum(1) - terms.mean(0)), truth.marginal_kl, mi_slack);
  const auto parts = surgery(q, draws[0]);
  check_near(over_examples(parts.total_correlation), truth.total_correlation, mi_slack);
  check_near(over_examples(parts.dimension_kl), truth.dimension_kl, mi_slack);
  CHECK(marginal_kl_gaussian(q, draws[0]) < truth.marginal_kl + 0.05);

  const auto found = importance_nll(q, first_rows(n), model.log_p(x), {.rounds = {500}, .seed = 3});
  check_near(mean_of(found.nll, found.error), model.nll(x).mean().template item<double>(), 0.01);
  check_near(over_examples(model.nll(x)), truth.nll);
  check_near(rate_used(found.nll, rec), truth.rate_used, 0.01);

  const auto partner = torch::tensor(length_derangement(std::vector<std::int64_t>(static_cast<std::size_t>(n), 3), 5));
  check_near(swap_gap(rec_of(draws[0].index_select(0, partner)), rec), truth.swap_gap);
  CHECK(static_cast<double>(active_units(latent_moments(q).mu_var)) == truth.au);
}

}  // namespace

TEST_CASE("the known models are consistent: kl = mi + marginal KL, and nll is no more than -elbo") {
  const Mismatch much{.scale = 1.3, .shift = 0.2, .widen = 0.6, .correlation = 0.4};
  for (const auto& truth : {Ppca::with_mi(5, 2, {}, 1).truth(), Ppca::with_mi(5, 2, much, 1).truth(),
                            Phrases(1, 1.5, 1, 7).truth(), Phrases(2, 1.5, 1.3, 7).truth()}) {
    CHECK(truth.kl == Approx(truth.mi + truth.marginal_kl).epsilon(1e-6));
    CHECK(truth.total_correlation > -1e-9);
    CHECK(truth.dimension_kl > -1e-9);
    CHECK(truth.nll <= truth.rec + truth.kl + 1e-9);
    CHECK(truth.mi > 0.2);
  }
  const auto own = Ppca::with_mi(5, 2, {}, 1).truth();  // its own posterior: no gap and no hole
  CHECK(own.nll == Approx(own.rec + own.kl));
  CHECK(std::abs(own.marginal_kl) < 1e-9);
  CHECK(own.mi == Approx(2));
  CHECK(own.rate_used == Approx(own.kl));
  // Means of variance rho and correlation 0.5, posteriors of variance 1 - rho: 1 on the diagonal, rho / 2 beside it.
  const double rho = 1 - std::exp(-2.0);
  const auto two = Ppca::with_mi(2, 2, {.correlation = 0.5}, 1).truth();
  CHECK(two.total_correlation == Approx(-0.5 * std::log(1 - rho * rho / 4)));
  CHECK(std::abs(two.dimension_kl) < 1e-9);
  CHECK(Phrases(1, 1.5, 1, 7).truth().mi < std::log(64.0));
}

TEST_CASE("estimators find the truth of a linear-Gaussian model") {
  check_estimators(Ppca::with_mi(4, 1.5, {}, 3), 1500, 0.05);
  check_estimators(Ppca::with_mi(4, 1.5, {.scale = 1.2, .shift = 0.3, .widen = 1.2, .correlation = 0.5}, 4), 3000,
                   0.05);
}

TEST_CASE("estimators find the truth of a generator of phrases") {
  check_estimators(Phrases(1, 1.5, 1, 7), 1500, 0.03);
  check_estimators(Phrases(2, 1.5, 1.2, 7), 1500, 0.03);
}

TEST_CASE("mi cannot pass ln N: where the truth is beyond, it is too low, kl - mi too high, and this is noticed") {
  const auto model = Ppca::with_mi(8, 9, {}, 5);
  const auto q = model.posterior(model.sample(300, 1));
  const double mi = mean_mi(q, one_sample(q, 50));
  CHECK(mi <= std::log(300.0));
  CHECK(mi_near_cap(mi, 300));
  CHECK(marginal_kl_gap(model.truth().kl, mi) > 3);  // the truth is 0
}

TEST_CASE("what is not said to be near the cap is right within 0.3 nats") {
  for (const double truth : {2.0, 3.0, 4.0}) {
    const auto model = Ppca::with_mi(32, truth, {}, 5);
    const auto q = model.posterior(model.sample(400, 1));
    const double mi = mean_mi(q, one_sample(q, 50));
    INFO(truth << ": " << mi);
    CHECK(((std::abs(mi - truth) < 0.3) || mi_near_cap(mi, 400)));
  }
}

TEST_CASE("decoder_au counts the dimensions that the decoder uses") {
  const Ppca model(torch::tensor({0.0, 0.0, 0.3, 0.6}, torch::kFloat64), {}, 6);
  const std::int64_t n = 500;
  const auto x = model.sample(n, 1);
  const auto z = one_sample(model.posterior(x), 50);  // not the noise of x
  const auto other = z.roll(1, 0);
  std::vector<torch::Tensor> swapped;
  for (std::int64_t j = 0; j < 4; ++j) {
    auto moved = z.clone();
    moved.select(1, j).copy_(other.select(1, j));
    swapped.push_back(-model.log_p(x)(torch::arange(n), moved.unsqueeze(0)).squeeze(0));
  }
  const auto rec = -model.log_p(x)(torch::arange(n), z.unsqueeze(0)).squeeze(0);
  const auto use = decoder_use(torch::stack(swapped), rec);
  CHECK(use.active == 2);
  for (std::int64_t j = 0; j < 4; ++j) {
    check_near({use.gap[j].item<double>(), use.error[j].item<double>()}, model.truth().decoder_gap[j].item<double>(),
               1e-9);
  }
}
