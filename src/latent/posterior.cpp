#include "latent/posterior.h"

#include <cmath>
#include <numbers>

namespace klbench {

namespace {

const double kLogTwoPi = std::log(2.0 * std::numbers::pi);

class GaussianFamily : public PosteriorFamily {
 public:
  torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const override {
    return q.mu + (0.5 * q.log_var).exp() * noise;
  }
  torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const override {
    return -0.5 * ((z - q.mu).square() * (-q.log_var).exp() + q.log_var + kLogTwoPi).sum(-1);
  }
  torch::Tensor kl(const Posterior& q) const override {
    return 0.5 * (q.mu.square() + q.log_var.exp() - q.log_var - 1.0);
  }
};

}  // namespace

PosteriorFamily::Draw PosteriorFamily::draw(const Posterior& q, const torch::Tensor& noise) const {
  const auto z = sample(q, noise);
  return {z, log_q(q, z)};
}

const PosteriorFamily& gaussian_family() {
  static const GaussianFamily family;
  return family;
}

torch::Tensor log_prior(const torch::Tensor& z) { return -0.5 * (z.square() + kLogTwoPi).sum(-1); }

}  // namespace klbench
