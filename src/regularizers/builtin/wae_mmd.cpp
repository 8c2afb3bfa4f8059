#include "regularizers/multiquadratics.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// For all pairs, [n, m].
torch::Tensor kernel(const torch::Tensor& x, const torch::Tensor& y) {
  return inverse_multiquadratics((x.unsqueeze(1) - y.unsqueeze(0)).square().sum(2), x.size(1));
}

torch::Tensor mean_of_others(const torch::Tensor& pairs) {
  const auto n = static_cast<double>(pairs.size(0));
  return (pairs.sum() - pairs.diagonal().sum()) / (n * (n - 1));
}

/// Wasserstein autoencoder with MMD (Tolstikhin et al., ICLR 2018): in place of the KL of each posterior the distance
/// of the batch's z from as many draws z' of the prior,
///   loss = rec + lambda MMD,   MMD = mean_{i != l} k(z_i, z_l) + mean_{i != l} k(z'_i, z'_l) - 2 mean k(z_i, z'_l).
/// Theirs encode without noise; here z is drawn, and nothing but the reconstruction holds its variance, so that the KL
/// and with it the ELBO are large. lambda is published for MNIST (10) and faces (100), for text it is not.
class WaeMmd : public Regularizer {
 public:
  WaeMmd(const Options& options, const ModelFacts& /*model*/) : lambda_(options.real("lambda")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return 0; }

  /// Of no weight; overridden so that no other part sets what is not paid for.
  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override { return terms.kl.sum(1); }

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    if (terms.z.size(0) < 2) return {};
    const auto prior = torch::randn_like(terms.z);
    return lambda_ * (mean_of_others(kernel(terms.z, terms.z)) + mean_of_others(kernel(prior, prior)) -
                      2 * kernel(terms.z, prior).mean());
  }

 private:
  double lambda_;
};

KLBENCH_REGULARIZER(WaeMmd, {.key = "wae_mmd",
                             .summary = "distance of the aggregated posterior from the prior in place of the KL",
                             .paper = "Tolstikhin et al., ICLR 2018",
                             .options = {{.name = "lambda",
                                          .default_value = 10.0,
                                          .help = "weight of the distance",
                                          .min = 0,
                                          .min_open = true}},
                             .replaces = {"kl_weight", "kl_scale", "kl_target"}});

}  // namespace

}  // namespace klbench
