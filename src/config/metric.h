#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// Units.
inline constexpr const char* kNats = "nats per example";
inline constexpr const char* kNatsByDimension = "nats per example and dimension";

/// A final metric: a scalar (one value) or one value per dimension, with how it was estimated.
struct FinalMetric {
  std::vector<double> values;
  std::map<std::string, Value> attributes;  ///< estimator, samples, cap, ...
  /// What a scalar is the mean of, one value an example in the order of the data, in the metric's units; NaN where it
  /// was not measured. Empty where it is not kept.
  std::vector<float> examples{};
};

/// Final metrics by name.
using FinalMetrics = std::map<std::string, FinalMetric>;

}  // namespace klbench
