#include "metrics/probe.h"

#include <algorithm>

#include "config/probe_metrics.h"
#include "metrics/split_pass.h"

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

}  // namespace klbench
