#pragma once

#include <torch/torch.h>

namespace klbench {

/// ELBO at beta 1 and its parts, nats per example: elbo = -(rec + kl).
struct Elbo {
  double elbo = 0;
  double rec = 0;        ///< mean of -log p(x|z), z ~ q(z|x)
  double kl = 0;         ///< mean of sum_j KL_j
  torch::Tensor kl_dim;  ///< [d] mean of KL_j, float64
};

/// From rec [N] and raw KL per dimension [N, d] (undefined: a model without latent, kl = 0). Sums in float64.
Elbo elbo_of(const torch::Tensor& rec, const torch::Tensor& kl_dim);

}  // namespace klbench
