#include <numbers>

#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Diversity and uncertainty awareness (Shen et al., IJCAI 2021): the mean as in bn_vae with a trained gain of fixed
/// RMS, and a variance with a floor and, in training, dropout,
///   sigma^2 <- dropout(sigma^2) + alpha / (2 pi e),
/// where dropout zeroes with probability p and divides what stays by 1 - p. The floor keeps the posterior's entropy
/// above 1/2 ln alpha per dimension. The published runs anneal the KL over the first 10 epochs and change the variance
/// only after that (in their code: while the KL weight is 1); `variance_from_epoch` says when, and kl_annealing is
/// composed with it. gamma, drop and alpha are published for Yelp; their code also skips batches of fewer than 16.
/// mean_B KL_j >= 1/2 (gamma_j^2 r_j + b_j^2) as in bn_vae.
class DuVae : public Regularizer {
 public:
  DuVae(const Options& options, const ModelFacts& model)
      : gamma_(options.real("gamma")),
        drop_(options.real("drop")),
        floor_(options.real("alpha") / (2 * std::numbers::pi * std::numbers::e)),
        from_epoch_(options.integer("variance_from_epoch")) {
    norm_ = register_module("norm", ScaledBatchNorm(model.latent_dim, gamma_, /*train_gamma=*/true, options.real("eps"),
                                                    options.real("momentum")));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    Posterior q{norm_->forward(raw.mu, progress.mode), raw.scale};
    // Between epochs `epoch` is the next one; what is evaluated is what the last one trained.
    if (progress.training() ? progress.epoch >= from_epoch_ : progress.epoch > from_epoch_ || from_epoch_ == 0) {
      const auto variance = torch::dropout(raw.scale.exp(), drop_, progress.training());
      q.log_var = (variance + floor_).log();
    }
    return {q, std::nullopt};
  }
  void begin_statistics() override { norm_->begin_statistics(); }
  void end_statistics() override { norm_->end_statistics(); }

  torch::Tensor kl_floor(const BatchState& state) override { return 0.5 * norm_->least_second_moment(state.raw.mu); }
  torch::Tensor normalised_moment(const BatchState& state) override { return norm_->normalised_moment(state.raw.mu); }
  double kl_floor_nominal(std::int64_t d) const override { return 0.5 * static_cast<double>(d) * gamma_ * gamma_; }

  std::map<std::string, torch::Tensor> diagnostics() override { return norm_->diagnostics(); }

  double schedule_epochs(const Progress& /*progress*/) const override {
    return from_epoch_ == 0 ? 0.0 : static_cast<double>(from_epoch_ + 1);
  }

 private:
  double gamma_, drop_, floor_;
  std::int64_t from_epoch_;
  ScaledBatchNorm norm_{nullptr};
};

KLBENCH_REGULARIZER(DuVae,
                    {.key = "du_vae",
                     .summary = "batch-normalised mean with trained gain, dropout and a floor on the variance",
                     .paper = "Shen et al., IJCAI 2021",
                     .recipe = "shen2021",
                     .options = {
                         {.name = "gamma",
                          .default_value = 0.5,
                          .help = "RMS of the gain of the normalised mean",
                          .min = 0,
                          .min_open = true},
                         {.name = "drop",
                          .default_value = 0.2,
                          .help = "probability that a variance is dropped",
                          .min = 0,
                          .max = 1,
                          .max_open = true},
                         {.name = "alpha",
                          .default_value = 1.0,
                          .help = "the variance's floor is alpha / (2 pi e)",
                          .min = 0,
                          .min_open = true},
                         {.name = "variance_from_epoch",
                          .default_value = 0,
                          .help = "epochs after which floor and dropout act; as published: those of the annealing",
                          .min = 0},
                         eps_option(1e-5),
                         momentum_option()}});

}  // namespace

}  // namespace klbench
