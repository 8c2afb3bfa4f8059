#pragma once

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/metric.h"
#include "metrics/estimate.h"

namespace klbench {

/// What the standard error of a metric is over.
inline constexpr const char* kOverDraws = "draws of z, for these examples";
inline constexpr const char* kOverExamples = "examples and their draws";

/// How a metric was found: `samples` draws of z an example, 0 where none is needed.
struct MetricSource {
  std::string estimator;
  std::int64_t examples;
  std::int64_t samples = 0;
  const char* error_over = kOverExamples;
  std::map<std::string, Value> more{};  ///< further attributes
};

/// The metric with its source as attributes, and its standard error, where it has one.
FinalMetric metric_of(std::vector<double> values, MetricSource source, double error = std::nan(""));
FinalMetric scalar(const Estimate& estimate, MetricSource source);
FinalMetric exact(double value, MetricSource source);
FinalMetric per_dimension(const torch::Tensor& values, MetricSource source);

/// Values [N] of a metric as FinalMetric::examples.
std::vector<float> by_example(const torch::Tensor& values);

}  // namespace klbench
