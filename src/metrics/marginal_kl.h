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

/// Its standard error over examples and their draws where the KL is sampled: that of the mean of kl [N], of one z an
/// example, less the mean over draws of mi_terms [S, N] (mutual_information_terms), as both rise and fall with the
/// example. (Where the KL is in closed form, the draws leave it the error of mi.)
double marginal_kl_gap_error(const torch::Tensor& kl, const torch::Tensor& mi_terms);

}  // namespace klbench
