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
/// Those that need an option of the study want options.asked and `data`, of which `split` is one.
/// Attributes of each metric: estimator; examples (so many used) and, where there is a limit to them, examples_cap (0:
/// none); samples, draws of z an example (0: closed form, or exact for these sentences); where it is an estimate error,
/// its standard error, and error_over, what that is over; cap, the largest value that the estimator can take, nats.
FinalMetrics evaluate(Vae& model, const Split& split, const EvaluationOptions& options, const Dataset* data = nullptr);

/// Draws of mi in the evaluations during training: as many of `mi_samples` as make 10,000 terms of this many sentences,
/// at least one. All 8 of 3,000 sentences would take 8% of an epoch of lstm_tiny over 16,000.
std::int64_t mi_samples_by_epoch(std::int64_t mi_samples, std::int64_t sentences);

/// The metric mi alone, nats, without running the decoder.
double evaluate_mi(Vae& model, const Split& split, const EvaluationOptions& options);

/// nll, nats, on `examples` sentences (0: all) with so many importance samples each (increasing; the draws of the
/// smaller counts are among those of the larger): nll_<K>, and nll_ess of the largest. Without z all are the exact one.
FinalMetrics evaluate_nll_by_samples(Vae& model, const Split& split, const std::vector<std::int64_t>& samples,
                                     std::int64_t examples, const EvaluationOptions& options);

}  // namespace klbench
