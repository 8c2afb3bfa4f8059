#pragma once

#include <functional>

#include "config/metric.h"
#include "config/registry.h"
#include "metrics/found_metric.h"
#include "metrics/split_pass.h"

namespace klbench {

/// What a registered metric is measured on.
struct MetricRequest {
  Vae& model;
  const Split& split;
  const SplitPass& pass;  ///< of `split`: posterior, one z per x, KL, reconstruction loss
  const EvaluationOptions& options;
};

/// A metric of the evaluation at the end of training, on test, of models with a latent variable whose data is of the
/// spec's domain. `measure` returns a scalar: one value, with `estimator`, `examples` and what else is told of how it
/// was found as attributes, and, where it is a mean over the examples, FinalMetric::examples. No values: not of this
/// model. It must be a function of the request, whose options.seed is for what it draws.
struct MetricEntry {
  ComponentSpec spec;  ///< key, summary (its name in words), paper, units, better, domain
  std::function<FinalMetric(const MetricRequest&)> measure;
};

/// The metrics of one file each that are known to this process, by key.
class MetricRegistry : public Registry<MetricEntry> {
 public:
  MetricRegistry() : Registry("metric") {}
  static MetricRegistry& instance();
};

struct MetricRegistrar {
  explicit MetricRegistrar(MetricEntry entry) noexcept { MetricRegistry::instance().add(std::move(entry)); }
};

/// KLBENCH_METRIC(reconstruction_bleu, {.key = "bleu", ...}): FinalMetric reconstruction_bleu(const MetricRequest&)
/// under its spec.
#define KLBENCH_METRIC(measure, ...) \
  static const ::klbench::MetricRegistrar k_##measure##_registrar({::klbench::ComponentSpec __VA_ARGS__, measure})

}  // namespace klbench
