#pragma once

#include <torch/torch.h>

#include "latent/posterior.h"

namespace klbench {

/// The KL in parts (Hoffman & Johnson 2016; Chen et al., NeurIPS 2018): with q(z) = 1/N sum_i q(z|x_i),
///   kl = mi + total_correlation + dimension_kl,
/// mi in mi.h; the other two sum to the marginal KL. Terms [N] of draws z [N, d], one an example, in nats.
struct SurgeryTerms {
  torch::Tensor total_correlation;  ///< ln q(z) - sum_j ln q(z_j)
  torch::Tensor dimension_kl;       ///< sum_j [ln q(z_j) - ln N(z_j; 0, 1)]
};

/// Of Gaussian posteriors [N, d] and a standard normal prior. As of mi, a mixture of few examples whose posteriors do
/// not overlap says too much: total_correlation is at most (d - 1) ln N.
SurgeryTerms surgery(const Posterior& q, const torch::Tensor& z);

}  // namespace klbench
