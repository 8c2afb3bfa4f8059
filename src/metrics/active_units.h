#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "regularizers/posterior.h"

namespace klbench {

/// Moments of the posterior's parameters over a split, per dimension, [d] float64; variances divide by N.
struct LatentMoments {
  torch::Tensor mu_mean;
  torch::Tensor mu_var;
  torch::Tensor sigma2_mean;
};
LatentMoments latent_moments(const Posterior& q);

/// Number of dimensions with Var_x(mu_j) >= 0.01 (Burda et al. 2016, with x drawn from the split).
std::int64_t active_units(const torch::Tensor& mu_var);

}  // namespace klbench
