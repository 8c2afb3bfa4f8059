#include "metrics/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "config/probe_metrics.h"
#include "core/rng.h"
#include "metrics/active_units.h"
#include "metrics/decoder_use.h"
#include "metrics/elbo.h"
#include "metrics/estimate.h"
#include "metrics/found_metric.h"
#include "metrics/image_grid.h"
#include "metrics/importance_nll.h"
#include "metrics/latent_views.h"
#include "metrics/marginal_kl.h"
#include "metrics/metric.h"
#include "metrics/mi.h"
#include "metrics/perplexity.h"
#include "metrics/probe.h"
#include "metrics/surgery.h"
#include "metrics/swap.h"
#include "metrics/to_vector.h"

namespace klbench {

namespace {

constexpr std::int64_t kDecoderUseCap = 500;
constexpr std::int64_t kPointsCap = 2000;
constexpr const char* kSwapped = "z of another example of the same length (of the next one where a length is alone)";

/// One evaluation under way: the split, its pass, and the metrics found so far.
class Evaluation {
 public:
  Evaluation(Vae& model, const Split& split, const EvaluationOptions& options)
      : model_(model), split_(split), options_(options), pass_(pass_over(model, split, options)), n_(split.size()) {}

  FinalMetrics run() {
    bound();
    if (model_->has_latent()) {
      const auto draws = latent_draws(pass_, options_);
      information(draws);
      moments(draws);
      if (n_ > 1) swap();
    }
    if (options_.with_nll) {
      model_->has_latent() ? dear() : exact_likelihood();
      metrics_["rec"].examples = by_example(pass_.rec);
      if (model_->has_latent()) metrics_["kl"].examples = by_example(pass_.kl_dim.to(torch::kFloat64).sum(1));
    }
    return std::move(metrics_);
  }

 private:
  void bound() {
    const auto bound = elbo_of(pass_.rec, pass_.kl_dim);
    if (!model_->has_latent()) {
      metrics_["elbo"] = exact(bound.elbo, {"exact", n_});
      metrics_["rec"] = exact(bound.rec, {"exact", n_});
      return;
    }
    const auto rec = pass_.rec.to(torch::kFloat64);
    const double elbo_error = over_examples(rec + pass_.kl_dim.to(torch::kFloat64).sum(1)).error;
    metrics_["elbo"] = scalar({bound.elbo, elbo_error}, {"one z per x", n_, 1});
    metrics_["rec"] = scalar({bound.rec, over_examples(rec).error}, {"one z per x", n_, 1});
    kl_ = bound.kl;
    const char* found = model_->closed_form_kl() ? "closed form" : "one z per x, log q(z|x) - log p(z)";
    const auto kl = [&](double value, const torch::Tensor& by_row) {
      if (model_->closed_form_kl()) return exact(value, {found, n_});
      return scalar({value, over_examples(by_row.to(torch::kFloat64)).error}, {found, n_, 1});
    };
    metrics_["kl"] = kl(bound.kl, pass_.kl_dim.sum(1));
    if (pass_.kl_penalised.defined()) {
      metrics_["kl_penalised"] = kl(pass_.kl_penalised.to(torch::kFloat64).mean().item<double>(), pass_.kl_penalised);
    }
    if (model_->standard_latent()) metrics_["kl_dim"] = per_dimension(bound.kl_dim, {"closed form", n_});
  }

  /// What asks for log q of any z, where it is known, and, where the prior is N(0, I), the distance from its moments.
  void information(const torch::Tensor& draws) {
    const auto& q = pass_.decoder_posterior;
    if (model_->normal_prior()) {
      metrics_["marginal_kl_gaussian"] =
          exact(marginal_kl_gaussian(q, pass_.z),
                {"Gaussian with the moments of the aggregated posterior", n_, std::int64_t{q.family ? 1 : 0}});
    }
    if (!family_of(q).scores_any_point()) return;
    const auto samples = draws.size(0);
    const double cap = std::log(static_cast<double>(n_));
    const auto mi = over_draws(mutual_information_terms(q, draws));
    const bool near_cap = mi_near_cap(mi.value, n_);
    metrics_["mi"] = scalar(mi, {"aggregated posterior over the split, own component kept",
                                 n_,
                                 samples,
                                 kOverDraws,
                                 {{"cap", cap}, {"mi_near_cap", near_cap}}});
    const auto batch = std::min(options_.batch_size, n_);
    const auto batches = length_batches(split_, options_.batch_size);
    metrics_["mi_batch"] = scalar(over_draws(mutual_information_batch_terms(q, draws, batches)),
                                  {"aggregated posterior over each batch of neighbouring lengths, analytic entropy",
                                   n_,
                                   samples,
                                   kOverDraws,
                                   {{"batch_size", batch}, {"cap", std::log(static_cast<double>(batch))}}});
    metrics_["marginal_kl_gap"] = scalar({marginal_kl_gap(kl_, mi.value), mi.error},
                                         {"kl - mi", n_, samples, kOverDraws, {{"mi_near_cap", near_cap}}});
  }

  void moments(const torch::Tensor& draws) {
    const auto moments = latent_moments(pass_.decoder_posterior, draws);
    metrics_["au"] = exact(static_cast<double>(active_units(moments.mu_var)), {"Var_x(mu_j) >= 0.01", n_});
    metrics_["mu_mean"] = per_dimension(moments.mu_mean, {"mean over the split", n_});
    metrics_["mu_var"] = per_dimension(moments.mu_var, {"variance over the split (1/N)", n_});
    metrics_["sigma2_mean"] = per_dimension(moments.sigma2_mean, {"mean over the split", n_});
  }

  void swap() {
    const auto rows = fixed_subset(n_, 0);
    const auto partner = torch::tensor(swap_partners(split_, rows, options_.seed));
    const auto swapped = reconstruct_over(model_, split_, pass_.z.index_select(0, partner), options_);
    metrics_["swap_gap"] = scalar(swap_gap(swapped, pass_.rec), {kSwapped, n_, 1});
  }

  void exact_likelihood() {
    metrics_["nll"] = exact(pass_.rec.to(torch::kFloat64).mean().item<double>(), {"exact", n_});
    metrics_["nll"].examples = by_example(pass_.rec);
    if (is_text(split_)) {
      metrics_["ppl"] = exact(perplexity(pass_.rec, pass_.tokens), {"exact", n_});
      return;
    }
    metrics_["bpd"] = exact(metrics_["nll"].values[0] * bits_per_nat(), {"exact", n_});
    metrics_["image_grid"] = autoregressive_grid(model_, images(), options_.seed);
  }

  void dear() {
    likelihood();
    if (model_->standard_latent()) parts_of_kl();
    if (n_ > 1 && !model_->on_sphere()) decoder();
    if (!is_text(split_)) metrics_["image_grid"] = image_grid(model_, images(), pass_.mu, options_.seed);
    metrics_["posterior_histogram"] = posterior_histogram(pass_.decoder_posterior, pass_.z);
    auto points = latent_points(pass_.mu, pass_.kl_dim, split_.labels, fixed_subset(n_, kPointsCap));
    points.attributes["examples_cap"] = kPointsCap;
    metrics_["latent_points"] = std::move(points);
    registered();
  }

  void parts_of_kl() {
    constexpr std::int64_t kCap = 2000;
    const auto rows = torch::tensor(fixed_subset(n_, kCap));
    const auto found = surgery(pass_.decoder_posterior.select(rows), pass_.z.index_select(0, rows));
    const MetricSource source{
        "aggregated posterior over the examples", rows.size(0), 1, kOverExamples, {{"examples_cap", kCap}}};
    metrics_["total_correlation"] = scalar(over_examples(found.total_correlation), source);
    metrics_["dimension_kl"] = scalar(over_examples(found.dimension_kl), source);
  }

  void likelihood() {
    const auto rows = fixed_subset(n_, options_.nll_examples);
    const auto rounds = importance_rounds(options_.nll_samples, options_.nll_tolerance);
    const auto found = importance_nll(model_, split_, rows, rounds, options_);
    const auto index = torch::tensor(rows);
    const auto rec = pass_.rec.index_select(0, index);
    const auto used = static_cast<std::int64_t>(rows.size());
    MetricSource source{"importance-weighted bound",
                        used,
                        options_.nll_samples,
                        kOverDraws,
                        {{"samples_used", found.samples.to(torch::kFloat64).mean().item<double>()},
                         {"tolerance", options_.nll_tolerance},
                         {"examples_cap", options_.nll_examples},
                         {"ess", found.ess.mean().item<double>()},
                         {"sentence_error", found.error.mean().item<double>()}}};
    const auto nll = mean_of(found.nll, found.error);
    metrics_["nll"] = scalar(nll, source);
    const auto unmeasured = torch::full({n_}, std::nan(""), torch::kFloat64);
    metrics_["nll"].examples = by_example(unmeasured.index_copy(0, index, found.nll));
    if (is_text(split_)) {
      const auto tokens = pass_.tokens.index_select(0, index);
      const double ppl = perplexity(found.nll, tokens);
      const double tokens_each = tokens.to(torch::kFloat64).mean().item<double>();
      metrics_["ppl"] = scalar({ppl, ppl * nll.error / tokens_each}, source);  // by the delta method
    } else {
      metrics_["bpd"] = scalar({nll.value * bits_per_nat(), nll.error * bits_per_nat()}, source);
    }
    source.error_over = kOverExamples;
    source.estimator = "effective sample size of nll, mean";
    metrics_["nll_ess"] = scalar(over_examples(found.ess), source);
    source.estimator = "importance-weighted bound minus rec";
    metrics_["rate_used"] = scalar(rate_used(found.nll, rec), source);
  }

  void decoder() {
    const auto rows = fixed_subset(n_, kDecoderUseCap);
    const auto use = measure_decoder_use(model_, split_, rows, pass_.z, options_);
    MetricSource source{std::string("one dimension alone: ") + kSwapped,
                        static_cast<std::int64_t>(rows.size()),
                        1,
                        kOverExamples,
                        {{"examples_cap", kDecoderUseCap}}};
    metrics_["decoder_gap"] = per_dimension(use.gap, source);
    metrics_["decoder_gap_error"] = per_dimension(use.error, {"paired standard error of decoder_gap over examples",
                                                              source.examples, 1, kOverExamples, source.more});
    source.estimator += ": rec rises by > 0.01 and > 3 of its errors (decoder_gap_error)";
    metrics_["decoder_au"] = exact(static_cast<double>(use.active), std::move(source));
  }

  /// Those that stand in a file of their own.
  void registered() {
    for (const auto& [key, metric] : MetricRegistry::instance().entries()) {
      const std::string& domain = metric.spec.domain;
      if (!domain.empty() && (domain == kText) != is_text(split_)) continue;
      auto found = metric.measure({model_, split_, pass_, options_});
      if (!found.values.empty()) metrics_[key] = std::move(found);
    }
  }

  const Images& images() const { return dynamic_cast<const Images&>(split_); }
  /// Bits per pixel (and channel) of a nat per image.
  double bits_per_nat() const { return 1 / (static_cast<double>(images().shape.pixels()) * std::log(2.0)); }

  Vae& model_;
  const Split& split_;
  const EvaluationOptions& options_;
  SplitPass pass_;
  std::int64_t n_;
  double kl_ = 0;
  FinalMetrics metrics_;
};

/// z has noise of its own in every split: shared noise would let a probe know test from train.
ProbeSplit probe_split(Vae& model, const Dataset& corpus, const std::string& name, EvaluationOptions options) {
  options.seed = derive_seed(options.seed, "probe " + name);
  const Split& split = corpus.split(name);
  const auto pass = encode_over(model, split, options);
  return {pass.mu, pass.z, torch::tensor(split.labels).to(torch::kInt64), lengths_of(split)};
}

}  // namespace

MetricRegistry& MetricRegistry::instance() {
  static MetricRegistry registry;
  return registry;
}

FinalMetrics evaluate(Vae& model, const Split& split, const EvaluationOptions& options) {
  return Evaluation(model, split, options).run();
}

std::int64_t mi_samples_by_epoch(std::int64_t mi_samples, std::int64_t sentences) {
  constexpr std::int64_t kTerms = 10000;
  return std::clamp<std::int64_t>((kTerms + sentences - 1) / sentences, 1, mi_samples);
}

double evaluate_mi(Vae& model, const Split& split, const EvaluationOptions& options) {
  const auto pass = encode_over(model, split, options);
  return over_draws(mutual_information_terms(pass.decoder_posterior, latent_draws(pass, options))).value;
}

FinalMetrics evaluate_nll_by_samples(Vae& model, const Split& split, const std::vector<std::int64_t>& samples,
                                     std::int64_t examples, const EvaluationOptions& options) {
  auto untruncated = options;
  untruncated.nll_tolerance = 0;
  const auto rows = fixed_subset(split.size(), examples);
  const auto found = importance_nll(model, split, rows, samples, untruncated);
  MetricSource source{
      "importance-weighted bound", static_cast<std::int64_t>(rows.size()), 0, kOverDraws, {{"examples_cap", examples}}};
  FinalMetrics metrics;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto round = static_cast<std::int64_t>(i);
    source.samples = samples[i];
    metrics[fmt::format("nll_{}", samples[i])] =
        scalar(mean_of(found.by_round[round], found.error_by_round[round]), source);
  }
  source.estimator = "effective sample size, mean";
  source.error_over = kOverExamples;
  metrics["nll_ess"] = scalar(over_examples(found.ess), source);
  return metrics;
}

FinalMetrics evaluate_probe(Vae& model, const Dataset& corpus, const EvaluationOptions& options) {
  FinalMetrics metrics;
  if (!model->has_latent() || corpus.split("train").labels.empty()) return metrics;
  const auto examples = corpus.split("test").size();
  const auto train = probe_split(model, corpus, "train", options), valid = probe_split(model, corpus, "valid", options),
             test = probe_split(model, corpus, "test", options);
  for (const auto& result : probe_accuracy(train, valid, test)) {
    const auto probe = [&](double accuracy, const char* estimator, std::int64_t samples, double strength) {
      return scalar(share_of(accuracy, examples), {estimator,
                                                   examples,
                                                   samples,
                                                   kOverExamples,
                                                   {{"labels", result.labels},
                                                    {"strength", strength},
                                                    {"majority", result.majority},
                                                    {"length_only", result.length_only.accuracy}}});
    };
    const auto& [mu, z, length] = std::tie(result.mu, result.z, result.length_only);
    metrics[probe_metric(kProbeMu, result.labels, result.all)] =
        probe(mu.accuracy, "logistic regression on mu", 0, mu.strength);
    metrics[probe_metric(kProbeZ, result.labels, result.all)] =
        probe(z.accuracy, "logistic regression on one z per x", 1, z.strength);
    if (!result.all) continue;
    metrics["probe_accuracy_majority"] = probe(result.majority, "most frequent training label", 0, 0);
    metrics["probe_accuracy_length"] = probe(length.accuracy, "logistic regression on length", 0, length.strength);
  }
  return metrics;
}

}  // namespace klbench
