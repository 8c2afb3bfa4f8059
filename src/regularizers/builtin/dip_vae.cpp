#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Disentangled inferred prior (Kumar et al., ICLR 2018): the covariance C of the aggregated posterior of the batch is
/// drawn to the prior's, which is the identity,
///   extra loss = lambda_off sum_{i != j} C_ij^2 + lambda_diag sum_j (C_jj - 1)^2,
/// `covariance` mean (DIP-VAE-I): C = cov_B mu; aggregate (DIP-VAE-II): C = cov_B mu + mean_B diag sigma^2. A mean that
/// is the same for all examples has C_jj = 0 and pays lambda_diag, so that with I the KL does not vanish for free.
/// The lambdas are published for images (lambda_off 1 to 500; lambda_diag 10 times that for I, the same for II).
class DipVae : public Regularizer {
 public:
  DipVae(const Options& options, const ModelFacts& /*model*/)
      : off_(options.real("lambda_off")),
        diag_(options.real("lambda_diag")),
        aggregate_(options.text("covariance") == "aggregate") {}

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.kl;
    const auto centred = q.mu - q.mu.mean(0);
    auto covariance = centred.t().matmul(centred) / static_cast<double>(q.mu.size(0));
    if (aggregate_) covariance = covariance + torch::diag(q.log_var.exp().mean(0));
    const auto diagonal = covariance.diagonal();
    return off_ * (covariance - torch::diag(diagonal)).square().sum() + diag_ * (diagonal - 1).square().sum();
  }

 private:
  double off_, diag_;
  bool aggregate_;
};

KLBENCH_REGULARIZER(DipVae,
                    {.key = "dip_vae",
                     .summary = "covariance of the aggregated posterior drawn to the identity",
                     .paper = "Kumar et al., ICLR 2018",
                     .options = {{.name = "lambda_off",
                                  .default_value = 1.0,
                                  .help = "weight of the squared covariances between dimensions",
                                  .min = 0},
                                 {.name = "lambda_diag",
                                  .default_value = 10.0,
                                  .help = "weight of the squared differences of variances from 1",
                                  .min = 0},
                                 {.name = "covariance",
                                  .default_value = "mean",
                                  .help = "mean: of the posteriors' means; aggregate: of the aggregated posterior",
                                  .choices = {"mean", "aggregate"}}}});

}  // namespace

}  // namespace klbench
