#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A margin for the spread of the posterior means (Liu et al., TALLIP 2019),
///   extra loss = weight max(0, beta - 1/2 sum_j v_j), v_j = mean_B (mu_j - mean_B mu_j)^2,
/// which is in nats: 1/2 sum_j v_j is what the spread of the means costs in KL, and below the margin a weight of 1
/// returns exactly that. The authors' code adds relu(margin - mean_j v_j), margin 1.5 to 3 at d = 16, to a
/// reconstruction per token and 0.1 KL; `margin` is given as there (beta = d margin / 2), and for sentences of T tokens
/// weight = 2 T / d is its slope. No margin for a loss per sentence is published. With centred false v_j is the mean
/// square of mu_j, which the same mean for all examples satisfies without any information.
class MuForcing : public Regularizer {
 public:
  MuForcing(const Options& options, const ModelFacts& model)
      : beta_(options.real("beta")), weight_(options.real("weight")), centred_(options.boolean("centred")) {
    if (const double margin = options.real("margin"); margin > 0)
      beta_ = 0.5 * static_cast<double>(model.latent_dim) * margin;
  }

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& mu = terms.posterior.kl.mu;
    const auto deviation = centred_ ? mu - mu.mean(0) : mu;
    return weight_ * (beta_ - 0.5 * deviation.square().mean(0).sum()).clamp_min(0);
  }

 private:
  double beta_, weight_;
  bool centred_;
};

KLBENCH_REGULARIZER(
    MuForcing,
    {.key = "mu_forcing",
     .summary = "hinge loss that keeps the posterior means apart",
     .paper = "Liu et al., TALLIP 2019",
     .options = {{.name = "beta",
                  .default_value = 3.0,
                  .help = "margin, nats; our choice",
                  .min = 0,
                  .only_where = "margin=0.0"},
                 {.name = "margin",
                  .default_value = 0.0,
                  .help = "if > 0, instead of beta: the authors' margin of the variance averaged over dimensions",
                  .min = 0},
                 {.name = "weight", .default_value = 1.0, .help = "of the hinge", .min = 0, .min_open = true},
                 {.name = "centred", .default_value = true, .help = "around the batch mean; false: around 0"}}});

}  // namespace

}  // namespace klbench
