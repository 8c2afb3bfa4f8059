#include "metrics/probe.h"

#include <algorithm>
#include <tuple>

#include "config/probe_metrics.h"
#include "core/rng.h"
#include "metrics/metric.h"

namespace klbench {

namespace {

struct Linear {
  torch::Tensor weight;  // [d, classes]
  torch::Tensor bias;    // [classes]
  torch::Tensor operator()(const torch::Tensor& x) const { return torch::addmm(bias, x, weight); }
};

/// Moves `model` to the minimum of mean cross-entropy + lambda/2 |W|^2.
void minimise(Linear& model, const Labelled& data, double lambda) {
  const torch::AutoGradMode gradients(true);
  torch::optim::LBFGS optimizer({model.weight, model.bias}, torch::optim::LBFGSOptions(1.0)
                                                                .max_iter(100)
                                                                .max_eval(125)
                                                                .tolerance_grad(1e-5)
                                                                .tolerance_change(1e-8)
                                                                .history_size(20)
                                                                .line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    optimizer.zero_grad();
    auto loss = torch::nn::functional::cross_entropy(model(data.features), data.labels) +
                0.5 * lambda * model.weight.square().sum();
    loss.backward();
    return loss;
  });
}

double accuracy(const Linear& model, const Labelled& data) {
  const torch::NoGradGuard no_grad;
  return model(data.features).argmax(1).eq(data.labels).to(torch::kFloat64).mean().item<double>();
}

/// Zero mean and unit variance by another split's statistics; constant features become 0.
class Standardiser {
 public:
  explicit Standardiser(const torch::Tensor& features) : mean_(features.to(torch::kFloat64).mean(0)) {
    const auto deviation = features.to(torch::kFloat64).std(0, /*unbiased=*/false);
    scale_ = torch::where(deviation > 1e-12, 1 / deviation, torch::zeros_like(deviation));
  }
  torch::Tensor operator()(const torch::Tensor& features) const {
    return ((features.to(torch::kFloat64) - mean_) * scale_).to(torch::kFloat32);
  }

 private:
  torch::Tensor mean_, scale_;
};

/// fit_probe on features that are standardised already.
ProbeFit fit_standardised(const Labelled& train, const Labelled& valid, const Labelled& test) {
  std::int64_t classes = 0;
  for (const auto* data : {&train, &valid, &test}) {
    classes = std::max(classes, data->labels.max().item<std::int64_t>() + 1);
  }
  Linear model{torch::zeros({train.features.size(1), classes}).requires_grad_(),
               torch::zeros({classes}).requires_grad_()};
  ProbeFit best{.accuracy = 0, .valid_accuracy = -1, .strength = 0};
  for (const double lambda : {1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5}) {  // each starts where the stronger one ended
    minimise(model, train, lambda);
    const double valid_accuracy = accuracy(model, valid);
    if (valid_accuracy > best.valid_accuracy) best = {accuracy(model, test), valid_accuracy, lambda};
  }
  return best;
}

torch::Tensor length_features(const torch::Tensor& lengths) {
  const auto length = lengths.to(torch::kFloat64);
  return torch::stack({length, length.clamp_min(1).log()}, 1);
}

Labelled rows_of(const Labelled& data, const torch::Tensor& rows) {
  return {data.features.index_select(0, rows), data.labels.index_select(0, rows)};
}

}  // namespace

ProbeFit fit_probe(const Labelled& train, const Labelled& valid, const Labelled& test) {
  const Standardiser standard(train.features);
  return fit_standardised({standard(train.features), train.labels}, {standard(valid.features), valid.labels},
                          {standard(test.features), test.labels});
}

double majority_accuracy(const torch::Tensor& train_labels, const torch::Tensor& test_labels) {
  return test_labels.eq(train_labels.bincount().argmax()).to(torch::kFloat64).mean().item<double>();
}

std::vector<ProbeResult> probe_accuracy(const ProbeSplit& train, const ProbeSplit& valid, const ProbeSplit& test) {
  const std::int64_t size = train.mu.size(0);
  const auto fit = [&](const auto& features_of, const torch::Tensor& rows) {
    const auto whole = features_of(train);
    const Standardiser standard(whole);
    return fit_standardised(rows_of({standard(whole), train.labels}, rows),
                            {standard(features_of(valid)), valid.labels}, {standard(features_of(test)), test.labels});
  };
  std::vector<ProbeResult> results;
  for (const auto count : probe_label_counts(size)) {
    const auto rows = torch::tensor(fixed_subset(size, count));
    ProbeResult result{.labels = count, .all = count == size, .mu = {}, .z = {}, .length_only = std::nullopt};
    result.mu = fit([](const ProbeSplit& split) { return split.mu; }, rows);
    result.z = fit([](const ProbeSplit& split) { return split.z; }, rows);
    if (train.lengths.defined())
      result.length_only = fit([](const ProbeSplit& split) { return length_features(split.lengths); }, rows);
    result.majority = majority_accuracy(train.labels.index_select(0, rows), test.labels);
    results.push_back(result);
  }
  return results;
}

namespace {

/// z has noise of its own in every split: shared noise would let a probe know test from train.
ProbeSplit probe_split(Vae& model, const Dataset& data, const std::string& name, EvaluationOptions options) {
  options.seed = derive_seed(options.seed, "probe " + name);
  const Split& split = data.split(name);
  const auto pass = encode_over(model, split, options);
  return {pass.mu, pass.z, torch::tensor(split.labels).to(torch::kInt64),
          is_text(split) ? lengths_of(split) : torch::Tensor()};
}

/// On mu probe_accuracy (all labels), probe_accuracy_100, _500, _1k, ..., on one z per x probe_accuracy_z,
/// probe_accuracy_z_100, ... (config/probe_metrics.h), each with its baselines as attributes.
FinalMetrics probes(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto examples = split.size();
  const auto train = probe_split(model, *data, "train", options), valid = probe_split(model, *data, "valid", options),
             test = probe_split(model, *data, "test", options);
  FinalMetrics metrics;
  for (const auto& result : probe_accuracy(train, valid, test)) {
    const auto& [mu, z, length] = std::tie(result.mu, result.z, result.length_only);
    const auto probe = [&](double accuracy, const char* estimator, std::int64_t samples, double strength) {
      MetricSource source{estimator, examples, samples, kOverExamples};
      source.more = {{"labels", result.labels}, {"strength", strength}, {"majority", result.majority}};
      if (result.length_only) source.more["length_only"] = result.length_only->accuracy;
      return scalar(share_of(accuracy, examples), std::move(source));
    };
    metrics[probe_metric(kProbeMu, result.labels, result.all)] =
        probe(mu.accuracy, "logistic regression on mu", 0, mu.strength);
    metrics[probe_metric(kProbeZ, result.labels, result.all)] =
        probe(z.accuracy, "logistic regression on one z per x", 1, z.strength);
    if (!result.all) continue;
    metrics["probe_accuracy_majority"] = probe(result.majority, "most frequent training label", 0, 0);
    if (length)
      metrics["probe_accuracy_length"] = probe(length->accuracy, "logistic regression on length", 0, length->strength);
  }
  return metrics;
}

ComponentSpec of_labels(std::string key, std::string summary, std::string head = "", std::string domain = "") {
  return {.key = std::move(key),
          .summary = std::move(summary),
          .domain = std::move(domain),
          .needs = {kLabels, "eval.probe"},
          .units = "1",
          .better = "higher",
          .head = std::move(head),
          .least = 0,
          .most = 1};
}

const MetricsRegistrar kOfLabels(
    probes, {of_labels(kProbeMu, "accuracy of a linear probe of the labels on mu", "Probe acc."),
             of_labels(kProbeZ, "accuracy of a linear probe of the labels on z ~ q", "Probe acc. (z)"),
             of_labels("probe_accuracy_majority", "accuracy of the majority class"),
             of_labels("probe_accuracy_length", "accuracy of a probe of the length alone", "", kText)});

}  // namespace

}  // namespace klbench
