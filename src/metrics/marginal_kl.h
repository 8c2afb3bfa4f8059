#pragma once

#include <torch/torch.h>

#include "latent/posterior.h"

namespace klbench {

/// The posterior hole by moments, nats: KL(N(m, C) || N(0, I)) = 1/2 (tr C + m'm - d - ln det C), where m and C are
/// the mean and the full covariance of the aggregated posterior q(z) = 1/N sum_i q(z|x_i). For Gaussians they are
/// exact, C = Cov_x(mu) + diag(mean sigma^2); for other families they are those of the samples z [N, d], one per x. A
/// lower bound of KL(q(z) || p(z)), tight when q(z) is Gaussian. Infinite where C is singular.
double marginal_kl_gaussian(const Posterior& q, const torch::Tensor& z);

/// The posterior hole by difference, nats: KL(q(z) || p(z)) = kl - mi (Hoffman & Johnson 2016). It overstates the hole
/// when mi is near its cap ln N.
double marginal_kl_gap(double kl, double mi);

}  // namespace klbench
