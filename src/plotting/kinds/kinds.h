#pragma once

#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

// One figure kind a file; each turns results into a figure and throws UsageError naming what is missing and how to get
// it.

/// Metrics by epoch, one panel each: mean and 95% t band over seeds from 5 seeds on, else the seeds thin and their
/// mean. The split is that of the specification; `test`, which is evaluated only once, means valid.
Figure make_curve(const Request& request);
/// `curve` with KL, mutual information and marginal KL side by side.
Figure make_dynamics(const Request& request);
/// Final metrics by method: bars, or dots on a cut axis where all values are far from 0; every seed a point, the
/// analytic floor a tick.
Figure make_bars(const Request& request);
/// Final metrics by the option `over`; cells without that option are horizontal lines, the analytic floor is dashed.
Figure make_sweep(const Request& request);
/// KL (x) by reconstruction loss (y), with isolines of the negative ELBO.
Figure make_rate_distortion(const Request& request);
/// A per-dimension metric (default kl_dim, sorted within each cell, mean over seeds) by method; with `over: epoch`, the
/// diagnostics of that name by epoch.
Figure make_heatmap(const Request& request);
/// Aggregated posterior of every dimension against N(0, 1), a panel a method.
Figure make_histogram(const Request& request);
/// Posterior means in two dimensions, coloured by label, a panel a method.
Figure make_latent(const Request& request);
/// Pictures of a model of images: examples, reconstructions, draws from the prior, interpolations; a panel a method.
Figure make_images(const Request& request);
/// E[mu_j^2] + E[sigma_j^2] = mu_mean_j^2 + mu_var_j + sigma2_mean_j of every dimension, which is 1 for the prior.
Figure make_moments(const Request& request);
/// Mean of the model's posterior (x) by that of the approximate one (y), at up to four moments of training
/// (He et al., ICLR 2019, Fig. 2).
Figure make_mean_space(const Request& request);
/// KL with its analytic floors, and what it has above the nominal one, by the swept options of the remedies with a
/// floor.
Figure make_floor(const Request& request);

}  // namespace klbench
