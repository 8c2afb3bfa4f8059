#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A margin for the posterior means, extra loss = max(0, beta - 1/2 mean_B sum_j mu_j^2) (Liu et al., TALLIP 2019).
/// The mean's part of the KL is exactly what stands against beta, in nats. The authors' code takes the variance of mu
/// over the batch, averaged over dimensions, and margins of 1.5 to 3 (d = 16, hence 12 to 24 nats), beside a
/// reconstruction per token: no margin for a loss per sentence is published.
class MuForcing : public Regularizer {
 public:
  MuForcing(const Options& options, const ModelFacts& /*model*/) : beta_(options.real("beta")) {}

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    return (beta_ - 0.5 * terms.posterior.kl.mu.square().sum(1).mean()).clamp_min(0);
  }

 private:
  double beta_;
};

KLBENCH_REGULARIZER(
    MuForcing, {.key = "mu_forcing",
                .summary = "hinge loss that keeps the posterior means away from 0",
                .paper = "Liu et al., TALLIP 2019",
                .options = {{.name = "beta", .default_value = 3.0, .help = "margin, nats; our choice", .min = 0}}});

}  // namespace

}  // namespace klbench
