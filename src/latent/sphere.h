#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench {

/// ln of the area of the unit sphere in R^d, ln(2 pi^{d/2} / Gamma(d/2)).
double log_area(std::int64_t d);

/// What a von Mises-Fisher distribution of concentration kappa says of the angle t between z and its mean direction,
/// whose density is e^{kappa (cos t - 1)} sin^{d-2} t / Z(kappa) on [0, pi] (Mardia and Jupp, Directional Statistics,
/// 2000, 9.3): by quadrature, in double. (Bessel functions, in which Z is usually written, overflow or are of real
/// order, and their derivatives by the order are not needed.) Gradients by kappa are exact to first order: those of
/// second order are not kept.
class CosineTable {
 public:
  /// kappa [B] > 0, double; d >= 2.
  CosineTable(const torch::Tensor& kappa, std::int64_t d);

  /// The same on another device; without gradients by kappa.
  CosineTable to(const torch::Device& device) const;

  const torch::Tensor& kappa() const { return kappa_; }
  /// ln Z, A = E[cos t], Var[cos t], [B]. d ln Z / d kappa = A - 1, d A / d kappa = Var[cos t].
  torch::Tensor log_z() const;
  torch::Tensor mean() const;
  torch::Tensor variance() const { return variance_; }
  /// The cos t below whose angle lies a share [..., B] of the mass.
  torch::Tensor cosine(const torch::Tensor& share) const;

 private:
  /// `value` with the derivative `slope` by kappa.
  torch::Tensor with_slope(const torch::Tensor& value, const torch::Tensor& slope) const;

  torch::Tensor kappa_;                    // with its graph
  torch::Tensor angle_;                    // [B, G], rising
  torch::Tensor density_, below_, moved_;  // [B, G]: of the angle; its integral; that of (cos t - A) density
  torch::Tensor log_z_, mean_, variance_;  // [B]
};

}  // namespace klbench
