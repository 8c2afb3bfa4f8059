#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A margin for the posterior means, extra loss = max(0, beta - 1/2 mean_B sum_j mu_j^2) (Liu et al., TALLIP 2019).
/// The mean's part of the KL is exactly what stands against beta, in nats.
class MuForcing : public Regularizer {
 public:
  MuForcing(const Options& options, std::int64_t /*latent_dim*/) : beta_(options.real("beta")) {}

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    return (beta_ - 0.5 * terms.posterior.kl.mu.square().sum(1).mean()).clamp_min(0);
  }

 private:
  double beta_;
};

KLBENCH_REGULARIZER(MuForcing, {.key = "mu_forcing",
                                .summary = "hinge loss that keeps the posterior means away from 0",
                                .paper = "Liu et al., TALLIP 2019",
                                .options = {{.name = "beta", .default_value = 3.0, .help = "margin, nats", .min = 0}}});

}  // namespace

}  // namespace klbench
