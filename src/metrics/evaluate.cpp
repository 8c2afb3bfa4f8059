#include "metrics/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"
#include "metrics/active_units.h"
#include "metrics/bleu.h"
#include "metrics/decoder_use.h"
#include "metrics/elbo.h"
#include "metrics/importance_nll.h"
#include "metrics/latent_views.h"
#include "metrics/marginal_kl.h"
#include "metrics/mi.h"
#include "metrics/perplexity.h"
#include "metrics/probe.h"
#include "metrics/samples.h"
#include "metrics/swap.h"

namespace klbench {

namespace {

constexpr std::int64_t kDecoderUseCap = 500;
constexpr std::int64_t kBleuCap = 1000;
constexpr std::int64_t kPointsCap = 2000;
constexpr const char* kSwapped = "z of another example of the same length (of the next one where a length is alone)";

using Attributes = std::map<std::string, Value>;

FinalMetric scalar(double value, const std::string& estimator, std::int64_t examples, Attributes more = {}) {
  more["estimator"] = estimator;
  more["examples"] = examples;
  return {{value}, std::move(more)};
}

FinalMetric per_dimension(const torch::Tensor& values, const std::string& estimator, std::int64_t examples) {
  const auto flat = values.to(torch::kFloat64).contiguous();
  return {{flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()},
          {{"estimator", estimator}, {"examples", examples}}};
}

/// Values [N] of a metric as FinalMetric::examples.
std::vector<float> by_example(const torch::Tensor& values) {
  const auto flat = values.to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// One evaluation under way: the split, its pass, and the metrics found so far.
class Evaluation {
 public:
  Evaluation(TextVae& model, const Sentences& split, const EvaluationOptions& options)
      : model_(model), split_(split), options_(options), pass_(pass_over(model, split, options)), n_(split.size()) {}

  FinalMetrics run() {
    bound();
    if (model_->has_latent()) {
      information();
      moments();
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
    const bool latent = model_->has_latent();
    const std::string one_z = latent ? "one z per x" : "exact";
    const Attributes samples{{"samples", std::int64_t{latent ? 1 : 0}}};
    metrics_["elbo"] = scalar(bound.elbo, one_z, n_, samples);
    metrics_["rec"] = scalar(bound.rec, one_z, n_, samples);
    if (!latent) return;
    kl_ = bound.kl;
    metrics_["kl"] = scalar(bound.kl, "closed form", n_);
    metrics_["kl_dim"] = per_dimension(bound.kl_dim, "closed form", n_);
  }

  void information() {
    const auto& q = pass_.decoder_posterior;
    const double cap = std::log(static_cast<double>(n_));
    const double mi = mutual_information(q, pass_.z);
    metrics_["mi"] = scalar(mi, "aggregated posterior over the split, one z per x, own component kept", n_,
                            {{"samples", std::int64_t{1}}, {"cap", cap}, {"mi_near_cap", mi_near_cap(mi, n_)}});
    const auto batch = std::min(options_.batch_size, n_);
    metrics_["mi_batch"] =
        scalar(mutual_information_batch(q, pass_.z, length_batches(split_, options_.batch_size)),
               "aggregated posterior over each batch of neighbouring lengths, analytic entropy", n_,
               {{"samples", std::int64_t{1}}, {"batch_size", batch}, {"cap", std::log(static_cast<double>(batch))}});
    metrics_["marginal_kl_gaussian"] =
        scalar(marginal_kl_gaussian(q, pass_.z), "Gaussian with the moments of the aggregated posterior", n_);
    metrics_["marginal_kl_gap"] = scalar(marginal_kl_gap(kl_, mi), "kl - mi", n_,
                                         {{"samples", std::int64_t{1}}, {"mi_near_cap", mi_near_cap(mi, n_)}});
  }

  void moments() {
    const auto moments = latent_moments(pass_.decoder_posterior);
    metrics_["au"] = scalar(static_cast<double>(active_units(moments.mu_var)), "Var_x(mu_j) >= 0.01", n_);
    metrics_["mu_mean"] = per_dimension(moments.mu_mean, "mean over the split", n_);
    metrics_["mu_var"] = per_dimension(moments.mu_var, "variance over the split (1/N)", n_);
    metrics_["sigma2_mean"] = per_dimension(moments.sigma2_mean, "mean over the split", n_);
  }

  void swap() {
    const auto rows = fixed_subset(n_, 0);
    const auto partner = torch::tensor(swap_partners(split_, rows, options_.seed));
    const auto swapped = reconstruct_over(model_, split_, pass_.z.index_select(0, partner), options_);
    metrics_["swap_gap"] = scalar(swap_gap(swapped, pass_.rec), kSwapped, n_, {{"samples", std::int64_t{1}}});
  }

  void exact_likelihood() {
    const double nll = pass_.rec.to(torch::kFloat64).mean().item<double>();
    metrics_["nll"] = scalar(nll, "exact", n_, {{"samples", std::int64_t{0}}});
    metrics_["nll"].examples = by_example(pass_.rec);
    metrics_["ppl"] = scalar(perplexity(pass_.rec, pass_.tokens), "exact", n_, {{"samples", std::int64_t{0}}});
  }

  void dear() {
    likelihood();
    if (n_ > 1) decoder();
    reconstructions();
    metrics_["posterior_histogram"] = posterior_histogram(pass_.decoder_posterior, pass_.z);
    auto points = latent_points(pass_.decoder_posterior.mu, pass_.kl_dim, split_.labels, fixed_subset(n_, kPointsCap));
    points.attributes["cap"] = kPointsCap;
    metrics_["latent_points"] = std::move(points);
  }

  void likelihood() {
    const auto rows = fixed_subset(n_, options_.nll_examples);
    const auto rounds = importance_rounds(options_.nll_samples, options_.nll_tolerance);
    const auto found = importance_nll(model_, split_, rows, rounds, options_);
    const auto index = torch::tensor(rows);
    const auto rec = pass_.rec.index_select(0, index), tokens = pass_.tokens.index_select(0, index);
    const auto used = static_cast<std::int64_t>(rows.size());
    const Attributes how{{"samples", options_.nll_samples},
                         {"samples_used", found.samples.to(torch::kFloat64).mean().item<double>()},
                         {"tolerance", options_.nll_tolerance},
                         {"cap", options_.nll_examples},
                         {"ess", found.ess.mean().item<double>()},
                         {"error", found.error.mean().item<double>()}};
    const std::string estimator = "importance-weighted bound";
    metrics_["nll"] = scalar(found.nll.mean().item<double>(), estimator, used, how);
    const auto unmeasured = torch::full({n_}, std::nan(""), torch::kFloat64);
    metrics_["nll"].examples = by_example(unmeasured.index_copy(0, index, found.nll));
    metrics_["nll_ess"] = scalar(found.ess.mean().item<double>(), "effective sample size of nll, mean", used, how);
    metrics_["ppl"] = scalar(perplexity(found.nll, tokens), estimator, used, how);
    metrics_["rate_used"] = scalar(rate_used(found.nll, rec), estimator + " minus rec", used, how);
  }

  void decoder() {
    const auto rows = fixed_subset(n_, kDecoderUseCap);
    const auto use = measure_decoder_use(model_, split_, rows, pass_.z, options_);
    const auto used = static_cast<std::int64_t>(rows.size());
    const std::string estimator = std::string("one dimension alone: ") + kSwapped;
    metrics_["decoder_au"] = scalar(static_cast<double>(use.active), estimator + ": rec rises by > 0.01 and > 3 errors",
                                    used, {{"samples", std::int64_t{1}}, {"cap", kDecoderUseCap}});
    metrics_["decoder_gap"] = per_dimension(use.gap, estimator, used);
    metrics_["decoder_gap"].attributes["cap"] = kDecoderUseCap;
  }

  void reconstructions() {
    std::vector<std::vector<std::int32_t>> found, wanted;
    const auto rows = fixed_subset(n_, kBleuCap);
    for (const auto& part : length_batches(split_, rows, options_.batch_size)) {
      const auto mu = pass_.decoder_posterior.mu.index_select(0, torch::tensor(part));
      const auto limit = 2 * split_.length(part.back()) + 10;  // the longest of the batch stands last
      for (auto& words : decode(model_, mu, limit, 0, options_.seed)) found.push_back(std::move(words));
      for (const auto row : part) wanted.push_back(sentence_of(split_, row));
    }
    metrics_["bleu"] = scalar(corpus_bleu(found, wanted), "corpus BLEU-4 of greedy reconstructions from mu",
                              static_cast<std::int64_t>(rows.size()), {{"cap", kBleuCap}});
  }

  TextVae& model_;
  const Sentences& split_;
  const EvaluationOptions& options_;
  SplitPass pass_;
  std::int64_t n_;
  double kl_ = 0;
  FinalMetrics metrics_;
};

ProbeSplit probe_split(TextVae& model, const Sentences& split, const EvaluationOptions& options) {
  return {encode_over(model, split, options).decoder_posterior.mu, torch::tensor(split.labels).to(torch::kInt64),
          lengths_of(split)};
}

/// probe_accuracy_100, probe_accuracy_1k, ..., and without a number of all labels.
std::string probe_metric(std::int64_t labels, bool all) {
  if (all) return "probe_accuracy";
  return labels % 1000 == 0 ? fmt::format("probe_accuracy_{}k", labels / 1000)
                            : fmt::format("probe_accuracy_{}", labels);
}

}  // namespace

FinalMetrics evaluate(TextVae& model, const Sentences& split, const EvaluationOptions& options) {
  return Evaluation(model, split, options).run();
}

double evaluate_mi(TextVae& model, const Sentences& split, const EvaluationOptions& options) {
  const auto pass = encode_over(model, split, options);
  return mutual_information(pass.decoder_posterior, pass.z);
}

FinalMetrics evaluate_nll_by_samples(TextVae& model, const Sentences& split, const std::vector<std::int64_t>& samples,
                                     std::int64_t examples, const EvaluationOptions& options) {
  auto exact = options;
  exact.nll_tolerance = 0;
  const auto rows = fixed_subset(split.size(), examples);
  const auto found = importance_nll(model, split, rows, samples, exact);
  const auto used = static_cast<std::int64_t>(rows.size());
  FinalMetrics metrics;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double nll = found.by_round[static_cast<std::int64_t>(i)].mean().item<double>();
    metrics[fmt::format("nll_{}", samples[i])] =
        scalar(nll, "importance-weighted bound", used, {{"samples", samples[i]}, {"cap", examples}});
  }
  metrics["nll_ess"] = scalar(found.ess.mean().item<double>(), "effective sample size, mean", used,
                              {{"samples", samples.back()}, {"cap", examples}});
  return metrics;
}

FinalMetrics evaluate_probe(TextVae& model, const TextCorpus& corpus, const EvaluationOptions& options) {
  FinalMetrics metrics;
  if (!model->has_latent() || corpus.train.labels.empty()) return metrics;
  const auto train = probe_split(model, corpus.train, options), valid = probe_split(model, corpus.valid, options),
             test = probe_split(model, corpus.test, options);
  for (const auto& result : probe_accuracy(train, valid, test)) {
    const Attributes how{{"labels", result.labels},
                         {"strength", result.latent.strength},
                         {"majority", result.majority},
                         {"length_only", result.length_only}};
    const auto examples = corpus.test.size();
    metrics[probe_metric(result.labels, result.all)] =
        scalar(result.latent.accuracy, "logistic regression on mu", examples, how);
    if (!result.all) continue;
    metrics["probe_accuracy_majority"] = scalar(result.majority, "most frequent training label", examples, how);
    metrics["probe_accuracy_length"] = scalar(result.length_only, "logistic regression on length", examples, how);
  }
  return metrics;
}

std::vector<std::string> probe_metrics(std::int64_t train_size) {
  std::vector<std::string> names = {"probe_accuracy_majority", "probe_accuracy_length"};
  for (const auto count : probe_label_counts(train_size)) names.push_back(probe_metric(count, count == train_size));
  return names;
}

}  // namespace klbench
