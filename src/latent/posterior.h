#pragma once

#include <torch/torch.h>

namespace klbench {

class PosteriorFamily;

/// A batch of approximate posteriors q(z|x), by default diagonal Gaussians N(mu, exp(log_var)); [B, d] each. What the
/// two mean to another family its file says.
struct Posterior {
  torch::Tensor mu;
  torch::Tensor log_var;
  const PosteriorFamily* family = nullptr;  ///< nullptr: Gaussian

  /// The same in another type or on another device.
  template <class Where>
  Posterior to(const Where& where) const {
    return {mu.to(where), log_var.to(where), family};
  }
  /// Those at `rows` [n] int64.
  Posterior select(const torch::Tensor& rows) const {
    return {mu.index_select(0, rows), log_var.index_select(0, rows), family};
  }
};

/// What the harness needs of a family of posteriors; a remedy may bring its own. Parameters it has are trained.
class PosteriorFamily : public torch::nn::Module {
 public:
  /// Reparametrised sample, [..., B, d], from standard normal noise of the same shape.
  virtual torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const = 0;
  /// log q(z|x), nats; z is [..., B, d], the result [..., B]. Throws Error where scores_any_point() says no.
  virtual torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const = 0;
  /// KL from the prior that belongs to the family (Prior::is_reference), nats: per dimension, [B, d], or, where it does
  /// not factorise, [B, 1]; undefined: no closed form.
  virtual torch::Tensor kl(const Posterior& q) const = 0;

  struct Draw {
    torch::Tensor z, log_q;  ///< [..., B, d], [..., B]
  };
  /// A sample and its own log q.
  virtual Draw draw(const Posterior& q, const torch::Tensor& noise) const;
  /// log_q is known of any point, not only of the family's own draws: what mutual information needs.
  virtual bool scores_any_point() const { return true; }
  /// z lies on the unit sphere: its dimensions cannot be moved one by one, and lines between points are arcs.
  virtual bool on_sphere() const { return false; }
  /// E[z|x] and Var[z_j|x], [B, d]; undefined: no closed form. The default reads mu and log_var as their names say.
  virtual torch::Tensor mean(const Posterior& q) const { return q.mu; }
  virtual torch::Tensor variance(const Posterior& q) const { return q.log_var.exp(); }
  /// A point that stands for the posterior where one is decoded, [B, d].
  virtual torch::Tensor centre(const Posterior& q) const { return mean(q); }
};

/// The diagonal Gaussian: KL_j = 1/2 (mu_j^2 + sigma_j^2 - ln sigma_j^2 - 1) (Kingma & Welling 2014, appendix B).
const PosteriorFamily& gaussian_family();

/// q's family.
inline const PosteriorFamily& family_of(const Posterior& q) { return q.family ? *q.family : gaussian_family(); }

/// log N(z; 0, I), nats; [..., d] -> [...].
torch::Tensor log_prior(const torch::Tensor& z);

}  // namespace klbench
