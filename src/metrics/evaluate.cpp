#include "metrics/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metrics/estimate.h"
#include "metrics/found_metric.h"
#include "metrics/image_grid.h"
#include "metrics/importance_nll.h"
#include "metrics/latent_views.h"
#include "metrics/metric.h"
#include "metrics/mi.h"

namespace klbench {

namespace {

constexpr std::int64_t kPointsCap = 500;

bool meets(const std::string& need, const MetricRequest& request) {
  auto& model = request.model;
  if (need == kStandardLatent) return model->standard_latent();
  if (need == kNormalPrior) return model->normal_prior();
  if (need == kFlatLatent) return !model->on_sphere();
  if (need == kScoredLatent) return family_of(request.pass.decoder_posterior).scores_any_point();
  if (need == kTwoPosteriors) return request.pass.kl_penalised.defined();
  if (need == kTwoExamples) return request.split.size() > 1;
  if (need == kLabels) return !request.split.labels.empty();
  return request.data && request.options.asked.contains(need);
}

bool applies(const ComponentSpec& spec, const MetricRequest& request) {
  const auto met = [&](const std::string& need) { return meets(need, request); };
  return (spec.every_epoch || request.options.with_nll) && (spec.without_latent || request.model->has_latent()) &&
         (spec.domain.empty() || (spec.domain == kText) == is_text(request.split)) &&
         std::all_of(spec.needs.begin(), spec.needs.end(), met);
}

/// What figures draw: no metrics, but kept as they are.
void add_pictures(const MetricRequest& request, FinalMetrics& metrics) {
  auto& [model, split, pass, options, draws, data] = request;
  const bool latent = model->has_latent();
  if (const auto* images = dynamic_cast<const Images*>(&split)) {
    metrics["image_grid"] =
        latent ? image_grid(model, *images, pass.mu, options.seed) : autoregressive_grid(model, *images, options.seed);
  }
  if (!latent) return;
  metrics["posterior_histogram"] = posterior_histogram(pass.decoder_posterior, pass.z);
  auto points = latent_points(pass.mu, pass.kl_dim, split.labels, fixed_subset(split.size(), kPointsCap));
  points.attributes["examples_cap"] = kPointsCap;
  metrics["latent_points"] = std::move(points);
}

}  // namespace

MetricRegistry& MetricRegistry::instance() {
  static MetricRegistry registry;
  return registry;
}

FinalMetrics evaluate(Vae& model, const Split& split, const EvaluationOptions& options, const Dataset* data) {
  const auto pass = pass_over(model, split, options);
  const auto draws = model->has_latent() ? latent_draws(pass, options) : torch::Tensor();
  const MetricRequest request{model, split, pass, options, draws, data};
  FinalMetrics metrics;
  const auto& known = MetricRegistry::instance().entries();
  const auto is_of_others = [&](const auto& found) {
    const auto entry = known.find(found.first);
    return entry != known.end() && !applies(entry->second.spec, request);
  };
  for (const auto& [key, metric] : known) {
    if (!applies(metric.spec, request)) continue;
    if (metric.measure_all) {
      auto all = metric.measure_all(request);
      std::erase_if(all, is_of_others);
      metrics.merge(all);
    }
    if (!metric.measure) continue;
    auto found = metric.measure(request);
    if (!found.values.empty()) metrics[key] = std::move(found);
  }
  if (options.with_nll) add_pictures(request, metrics);
  return metrics;
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
  MetricSource source{
      "importance-weighted bound", static_cast<std::int64_t>(rows.size()), 0, kOverDraws, {{"examples_cap", examples}}};
  FinalMetrics metrics;
  if (!model->has_latent()) {
    source.estimator = "exact";
    const auto rec = pass_over(model, split, options).rec.index_select(0, torch::tensor(rows)).to(torch::kFloat64);
    const auto nll = exact(rec.mean().item<double>(), source);
    for (const auto count : samples) metrics[fmt::format("nll_{}", count)] = nll;
    return metrics;
  }
  const auto found = importance_nll(model, split, rows, samples, untruncated);
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

}  // namespace klbench
