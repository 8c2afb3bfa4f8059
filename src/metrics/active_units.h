#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "latent/posterior.h"

namespace klbench {

/// Moments of E[z|x] and Var[z|x] over a split, per dimension, [d] float64; variances over the split divide by N.
struct LatentMoments {
  torch::Tensor mu_mean;
  torch::Tensor mu_var;
  torch::Tensor sigma2_mean;
};
/// Of a family without them in closed form they are estimated from `draws` [S, N, d], S > 1: mu_var is the variance of
/// the means of S draws less what S draws leave of Var[z|x].
LatentMoments latent_moments(const Posterior& q, const torch::Tensor& draws = {});

/// Number of dimensions with Var_x(mu_j) >= 0.01 (Burda et al. 2016, with x drawn from the split).
std::int64_t active_units(const torch::Tensor& mu_var);

}  // namespace klbench
