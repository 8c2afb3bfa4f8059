#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/metric.h"
#include "metrics/split_pass.h"
#include "models/batches.h"
#include "models/vae.h"

namespace klbench {

/// All registered metrics (metric.h) that apply to the model and the split: those of every epoch, and with
/// options.with_nll the others, rec, kl and nll by example (FinalMetric::examples; nll NaN for examples that
/// options.nll_examples leaves out), and what figures draw: posterior_histogram, latent_points, of images image_grid.
/// Attributes of each metric: estimator; examples (so many used) and, where there is a limit to them, examples_cap (0:
/// none); samples, draws of z an example (0: closed form, or exact for these sentences); where it is an estimate error,
/// its standard error, and error_over, what that is over; cap, the largest value that the estimator can take, nats.
FinalMetrics evaluate(Vae& model, const Split& split, const EvaluationOptions& options);

/// Draws of mi in the evaluations during training: as many of `mi_samples` as make 10,000 terms of this many sentences,
/// at least one. All 8 of 3,000 sentences would take 8% of an epoch of lstm_tiny over 16,000.
std::int64_t mi_samples_by_epoch(std::int64_t mi_samples, std::int64_t sentences);

/// The metric mi alone, nats, without running the decoder.
double evaluate_mi(Vae& model, const Split& split, const EvaluationOptions& options);

/// nll, nats, on `examples` sentences (0: all) with so many importance samples each (increasing; the draws of the
/// smaller counts are among those of the larger): nll_<K>, and nll_ess of the largest.
FinalMetrics evaluate_nll_by_samples(Vae& model, const Split& split, const std::vector<std::int64_t>& samples,
                                     std::int64_t examples, const EvaluationOptions& options);

/// Linear probes (probe.h), accuracies on test: on mu probe_accuracy (all labels), probe_accuracy_100, _500, _1k, ...,
/// on one z per x probe_accuracy_z, probe_accuracy_z_100, ..., each with its baselines as attributes, and with all
/// labels probe_accuracy_majority, of text probe_accuracy_length. Empty without labels or latent.
/// config/probe_metrics.h names them.
FinalMetrics evaluate_probe(Vae& model, const Dataset& data, const EvaluationOptions& options);

}  // namespace klbench
