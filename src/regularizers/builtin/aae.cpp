#include "regularizers/discriminator.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Adversarial autoencoder (Makhzani et al., 2015): in place of the KL a discriminator D of z, which learns to tell
/// draws of the posteriors from as many of the prior, while the encoder learns to be taken for the prior,
///   penalty = loss of D + mean_z -ln D(prior | z),   `samples` draws z of every example,
/// the first term moving D alone and the second the encoder alone. As in the public code of DG-VAEs (Zhang et al.,
/// NeurIPS 2022), which trains both in one step with one optimiser and anneals both; Makhzani et al. step in turn, with
/// optimisers of their own. Nothing but the reconstruction holds the KL of each posterior.
class Aae : public Regularizer {
 public:
  Aae(const Options& options, const ModelFacts& model)
      : samples_(options.integer("samples")), weight_(options.real("weight")) {
    const auto hidden = options.integer("hidden_dim");
    discriminator_ =
        register_module("discriminator", Discriminator(model.latent_dim, hidden > 0 ? hidden : model.latent_dim));
  }

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.kl;
    const auto rows = q.mu.size(0), d = q.mu.size(1);
    const auto z = family_of(q).sample(q, torch::randn({samples_, rows, d}, q.mu.options())).view({-1, d});
    const auto taken_for_prior = torch::softplus(-discriminator_->held(z)).mean();
    return (weight_ * (discriminator_->loss(torch::randn_like(z), z) + taken_for_prior)).expand({rows});
  }

 private:
  std::int64_t samples_;
  double weight_;
  Discriminator discriminator_{nullptr};
};

KLBENCH_REGULARIZER(
    Aae, {.key = "aae",
          .summary = "a discriminator of posterior and prior draws in place of the KL",
          .paper = "Makhzani et al., arXiv 1511.05644, 2015; for text Zhang et al., NeurIPS 2022",
          .recipe = "zhang2022",
          .options = {{.name = "samples", .default_value = 32, .help = "draws of z an example", .min = 1, .max = 4096},
                      {.name = "weight", .default_value = 1.0, .help = "of both terms", .min = 0, .min_open = true},
                      {.name = "hidden_dim",
                       .default_value = 0,
                       .help = "hidden units of the discriminator; 0: as many as z has dimensions",
                       .min = 0,
                       .max = 65536}}});

}  // namespace

}  // namespace klbench
