#include "metrics/found_metric.h"

#include <utility>

#include "metrics/to_vector.h"

namespace klbench {

FinalMetric metric_of(std::vector<double> values, MetricSource source, double error) {
  auto& attributes = source.more;
  attributes["estimator"] = source.estimator;
  attributes["examples"] = source.examples;
  attributes["samples"] = source.samples;
  if (std::isfinite(error)) {
    attributes["error"] = error;
    attributes["error_over"] = std::string(source.error_over);
  }
  return {std::move(values), std::move(attributes)};
}

FinalMetric scalar(const Estimate& estimate, MetricSource source) {
  return metric_of({estimate.value}, std::move(source), estimate.error);
}

FinalMetric exact(double value, MetricSource source) { return metric_of({value}, std::move(source)); }

FinalMetric per_dimension(const torch::Tensor& values, MetricSource source) {
  return metric_of(to_vector(values), std::move(source));
}

std::vector<float> by_example(const torch::Tensor& values) {
  const auto flat = values.to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace klbench
