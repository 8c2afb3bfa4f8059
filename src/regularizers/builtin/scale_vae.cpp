#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The decoder is fed means that are scaled up (Song et al., LREC-COLING 2024): each dimension of mu is multiplied by
/// one factor for all examples, f_j = std / std_B(mu_j), so that it tells examples apart; z ~ N(f mu, sigma^2) feeds
/// the decoder, the KL is that of N(mu, sigma^2). The KL loses its hold on the mean: what klbench calls `kl` is that of
/// the posterior that feeds the decoder (`kl_penalised` the other), and ELBO and NLL follow from it. Of the paper only
/// the abstract could be read for this file and no code of its authors was found: that f is of the batch in training
/// (of the training split in evaluations, as in bn_vae), that gradients pass through it, and std = 1 are choices made
/// here. Remedies that hold the KL at a floor or a target are refused beside it: the spread sets one for the decoder's
/// KL itself (std^2 / 2 a dimension), and theirs would be of the other one, or out of reach.
class ScaleVae : public Regularizer {
 public:
  ScaleVae(const Options& options, const ModelFacts& model) : std_(options.real("std")) {
    norm_ = register_module("norm", BatchNorm(model.latent_dim, options.real("eps"), options.real("momentum")));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair posterior, const Progress& progress) override {
    norm_->forward(raw.mu, progress.mode);  // keeps the statistics
    const auto factor = std_ / norm_->standard_deviation(raw.mu, progress.mode);
    posterior.decoder = Posterior{factor * raw.mu, raw.scale};
    return posterior;
  }
  void begin_statistics() override { norm_->begin_statistics(); }
  void end_statistics() override { norm_->end_statistics(); }

 private:
  double std_;
  BatchNorm norm_{nullptr};
};

KLBENCH_REGULARIZER(
    ScaleVae,
    {.key = "scale_vae",
     .summary = "the decoder is fed means scaled to a fixed spread, the KL is that of the unscaled ones",
     .paper = "Song et al., LREC-COLING 2024",
     .options =
         {{.name = "std", .default_value = 1.0, .help = "spread of the scaled means", .min = 0, .min_open = true},
          eps_option(1e-8),
          momentum_option()},
     .replaces = {"kl_target"}});

}  // namespace

}  // namespace klbench
