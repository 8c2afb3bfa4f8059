#pragma once

#include <torch/torch.h>

namespace klbench {

class PosteriorFamily;

/// A batch of approximate posteriors q(z|x), by default diagonal Gaussians N(mu, exp(log_var)); [B, d] each.
struct Posterior {
  torch::Tensor mu;
  torch::Tensor log_var;
  const PosteriorFamily* family = nullptr;  ///< nullptr: Gaussian
};

/// What the harness needs of a family of posteriors; a remedy may bring its own.
class PosteriorFamily {
 public:
  virtual ~PosteriorFamily() = default;
  /// Reparametrised sample, [..., B, d], from standard normal noise of the same shape.
  virtual torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const = 0;
  /// log q(z|x), nats; z is [..., B, d], the result [..., B].
  virtual torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const = 0;
  /// KL(q || N(0, I)) per dimension, [B, d], nats.
  virtual torch::Tensor kl(const Posterior& q) const = 0;
};

/// The diagonal Gaussian: KL_j = 1/2 (mu_j^2 + sigma_j^2 - ln sigma_j^2 - 1) (Kingma & Welling 2014, appendix B).
const PosteriorFamily& gaussian_family();

/// q's family.
inline const PosteriorFamily& family_of(const Posterior& q) { return q.family ? *q.family : gaussian_family(); }

/// log N(z; 0, I), nats; [..., d] -> [...].
torch::Tensor log_prior(const torch::Tensor& z);

}  // namespace klbench
