#pragma once

#include <torch/torch.h>

#include <cmath>

namespace klbench {

/// The scales that symmetric batch normalisation ties (sym_bn_vae), of theta [d] and tau in [0, 1):
///   gamma_mu_j^2 = tau + (1 - tau) sigmoid(theta_j),   gamma_sigma_j^2 = (1 - tau) sigmoid(-theta_j).
/// Through log sigmoid, whose gradient stays finite however far theta goes.
inline torch::Tensor tied_gamma_mu(const torch::Tensor& theta, double tau) {
  if (tau == 0) return (0.5 * torch::log_sigmoid(theta)).exp();
  return (tau + (1 - tau) * torch::sigmoid(theta)).sqrt();
}
inline torch::Tensor tied_log_gamma_sigma2(const torch::Tensor& theta, double tau) {
  return std::log1p(-tau) + torch::log_sigmoid(-theta);
}

}  // namespace klbench
