#include "regularizers/discriminator.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Total correlation by a discriminator (FactorVAE, Kim and Mnih, ICML 2018): D learns to tell the batch's z from z
/// whose dimensions were permuted over the batch one by one, and its logit is the log density ratio,
///   extra loss = gamma mean_B logit D(z) + loss of D,   TC = KL(q(z) || prod_j q(z_j)) ~ mean_B logit D(z),
/// the first term moving the encoder alone and the second D alone. Theirs has six layers of 1,000 units, permutes a
/// second batch and steps in turn with optimisers of their own; here D is that of aae, both in one step on one batch.
/// gamma is published for images (10 to 40).
class FactorVae : public Regularizer {
 public:
  FactorVae(const Options& options, const ModelFacts& model) : gamma_(options.real("gamma")) {
    discriminator_ = register_module("discriminator", Discriminator(model.latent_dim, options.integer("hidden_dim")));
  }

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& z = terms.z;
    std::vector<torch::Tensor> margins;
    for (std::int64_t j = 0; j < z.size(1); ++j)
      margins.push_back(z.detach().select(1, j).index_select(
          0, torch::randperm(z.size(0), torch::TensorOptions().dtype(torch::kLong).device(z.device()))));
    return gamma_ * discriminator_->held(z).mean() + discriminator_->loss(z, torch::stack(margins, 1));
  }

 private:
  double gamma_;
  Discriminator discriminator_{nullptr};
};

KLBENCH_REGULARIZER(FactorVae, {.key = "factor_vae",
                                .summary = "total correlation of z, by a discriminator, added to the loss",
                                .paper = "Kim and Mnih, ICML 2018",
                                .options = {{.name = "gamma",
                                             .default_value = 10.0,
                                             .help = "weight of the total correlation",
                                             .min = 0,
                                             .min_open = true},
                                            {.name = "hidden_dim",
                                             .default_value = 64,
                                             .help = "hidden units of the discriminator",
                                             .min = 1,
                                             .max = 65536}},
                                .any_latent = true});

}  // namespace

}  // namespace klbench
