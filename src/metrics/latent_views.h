#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "config/metric.h"
#include "latent/posterior.h"

namespace klbench {

/// Density of the aggregated posterior q(z_j) of each dimension in equal bins, values [d * bins] (dimension by
/// dimension), attributes dims, bins, low, high: beside the prior's density it shows the posterior hole. Gaussians by
/// their distribution function, other families by the samples z [N, d]. What lies outside [low, high] is left out.
/// To 1/4096: it is drawn, not computed with.
FinalMetric posterior_histogram(const Posterior& q, const torch::Tensor& z, std::int64_t bins = 80, double low = -5,
                                double high = 5);

/// Points for a scatter plot: values [n * 3] of (mu_a, mu_b, label), a and b the two dimensions with the largest mean
/// KL (b = a when d = 1), of the given rows; label -1 where there is none; mu to 1/256. Attributes points, dim_a,
/// dim_b.
FinalMetric latent_points(const torch::Tensor& mu, const torch::Tensor& kl_dim, const std::vector<std::int32_t>& labels,
                          const std::vector<std::int64_t>& rows);

/// Adds what the labels of latent_points are called, a line each from label 0 on, as its attribute label_names; not
/// more than 4 KB of names.
void name_labels(FinalMetrics& metrics, const std::vector<std::string>& names);

}  // namespace klbench
