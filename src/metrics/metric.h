#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "config/metric.h"
#include "config/registry.h"
#include "metrics/found_metric.h"
#include "metrics/split_pass.h"

namespace klbench {

/// What a metric is measured on.
struct MetricRequest {
  Vae& model;
  const Split& split;
  const SplitPass& pass;  ///< of `split`: posterior, one z per x, KL, reconstruction loss
  const EvaluationOptions& options;
  torch::Tensor draws{};  ///< [S, N, d], S = options.mi_samples, of the posterior that feeds the decoder; [0] is pass.z
  const Dataset* data = nullptr;  ///< of `split`; always there for metrics that need an option of the study
};

/// A metric. The spec says of which models it is (domain, without_latent, needs), when it is measured (every_epoch: in
/// every evaluation, also of valid; else at the end of training, on test), and how many values it has (by_dimension).
/// `measure` returns them with `estimator`, `examples` and what else is told of how they were found as attributes,
/// and, where it is a mean over the examples, FinalMetric::examples. No values: not of this model. It must be a
/// function of the request, whose options.seed is for what it draws: then the order of metrics changes no number, and
/// metrics with a seed of their own may come and go. Metrics that share draws or a costly pass (all of mi.cpp, of
/// importance_nll.cpp, ...) stand in one file and are found together.
struct MetricEntry {
  ComponentSpec spec;  ///< also key, summary (its name in words), paper, units, better, head, least, most
  std::function<FinalMetric(const MetricRequest&)> measure{};
  /// In the place of `measure`, of the first of several that are found together: by key, without those that are not of
  /// this model. The others have neither.
  std::function<FinalMetrics(const MetricRequest&)> measure_all{};
};

/// The metrics that are known to this process, by key.
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

/// Several that are found together, where the first one is measured; of them each is left out where its own spec says
/// so.
struct MetricsRegistrar {
  MetricsRegistrar(std::function<FinalMetrics(const MetricRequest&)> measure,
                   std::vector<ComponentSpec> specs) noexcept {
    for (auto& spec : specs) MetricRegistry::instance().add({std::move(spec), {}, std::exchange(measure, {})});
  }
};

/// KLBENCH_METRICS(information, {{.key = "mi", ...}, {.key = "mi_batch", ...}}): FinalMetrics information(const
/// MetricRequest&) finds all of them.
#define KLBENCH_METRICS(measure, ...)                                       \
  static const ::klbench::MetricsRegistrar k_##measure##_registrar(measure, \
                                                                   std::vector<::klbench::ComponentSpec> __VA_ARGS__)

}  // namespace klbench
