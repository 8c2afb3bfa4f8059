#include <algorithm>
#include <cmath>
#include <optional>

#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"
#include "regularizers/tied_scales.h"

namespace klbench {

namespace {

/// Batch-normalised posteriors whose scale moves: from `from` in a straight line to `to`, which is reached after
/// `warmup_epochs` epochs and stays. `scale` says what moves:
///   gamma  mu_j = gamma BN(mu_j) + b_j, b trained from 0, sigma as it is (bn_vae);
///   tau    the tied scales of sym_bn_vae with sigma_input log_var, theta trained from 0.
/// Floors are those of the scale at the step; the nominal one is of the smaller of both ends. In evaluations the scale
/// is the last one that was trained with. Made for the question whether a floor is needed to the end or only until the
/// decoder has learnt to use z.
class BnScaleSchedule : public Regularizer {
 public:
  BnScaleSchedule(const Options& options, const ModelFacts& model)
      : tied_(options.text("scale") == "tau"),
        from_(options.real("from")),
        to_(options.real("to")),
        epochs_(options.real("warmup_epochs")) {
    const double momentum = options.real("momentum");
    norm_ = register_module("norm", BatchNorm(model.latent_dim, options.real("eps"), momentum));
    if (tied_) log_var_norm_ = register_module("log_var_norm", LogMeanExpNorm(model.latent_dim, momentum));
    trained_ = register_parameter(tied_ ? "theta" : "bias", torch::zeros({model.latent_dim}));
    scale_ = register_buffer("scale", torch::full({1}, from_));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    trained_with_.reset();
    if (progress.training()) {
      const torch::NoGradGuard no_grad;
      const double share = epochs_ > 0 ? std::min(progress.epochs_done() / epochs_, 1.0) : 1.0;
      trained_with_ = static_cast<float>(from_ + share * (to_ - from_));
      scale_.fill_(*trained_with_);
    }
    const auto mu = norm_->forward(raw.mu, progress.mode);
    if (!tied_) return {{scale() * mu + trained_, raw.scale}, std::nullopt};
    const auto log_var = log_var_norm_->forward(raw.scale, progress.mode);
    return {{tied_gamma_mu(trained_, scale()) * mu, tied_log_gamma_sigma2(trained_, scale()) + log_var}, std::nullopt};
  }
  void begin_statistics() override {
    norm_->begin_statistics();
    if (tied_) log_var_norm_->begin_statistics();
  }
  void end_statistics() override {
    norm_->end_statistics();
    if (tied_) log_var_norm_->end_statistics();
  }

  torch::Tensor kl_floor(const BatchState& state) override {
    const torch::NoGradGuard no_grad;
    if (!tied_)
      return 0.5 * norm_->least_second_moment(state.raw.mu, torch::scalar_tensor(scale(), torch::kDouble), trained_);
    const auto own = trained_.to(torch::kDouble);
    const auto r = norm_->second_moment(state.raw.mu), log_s = tied_log_gamma_sigma2(own, scale());
    return 0.5 * (tied_gamma_mu(own, scale()).square() * r + log_s.exp() - log_s - 1.0);
  }
  torch::Tensor normalised_moment(const BatchState& state) override { return norm_->second_moment(state.raw.mu); }
  double kl_floor_nominal(std::int64_t d) const override {
    const double least = std::min(from_, to_);
    return 0.5 * static_cast<double>(d) * (tied_ ? -std::log1p(-least) : least * least);
  }

  std::map<std::string, torch::Tensor> diagnostics() override { return {{"scale", scale_.clone()}}; }
  double schedule_epochs(const Progress& /*progress*/) const override { return epochs_; }

 private:
  double scale() const { return trained_with_ ? *trained_with_ : scale_.item<double>(); }

  bool tied_;
  double from_, to_, epochs_;
  BatchNorm norm_{nullptr};
  LogMeanExpNorm log_var_norm_{nullptr};
  torch::Tensor trained_, scale_;      // [d]; [1]
  std::optional<float> trained_with_;  // scale_ in training, where a card would be waited for
};

OptionSpec end_option(std::string name, double value, std::string help) {
  return {.name = std::move(name),
          .default_value = value,
          .help = std::move(help),
          .min = 0,
          .max = 1,
          .max_open = true,
          .max_where = "scale=tau"};
}

KLBENCH_REGULARIZER(
    BnScaleSchedule,
    {.key = "bn_scale_schedule",
     .summary = "batch normalisation whose gamma or tau moves by a schedule",
     .paper = "here; after Zhu et al., ACL 2020, and Su, kexue.fm/archives/7381, 2020",
     .options = {{.name = "scale",
                  .default_value = "gamma",
                  .help = "what moves: gamma of bn_vae, or tau of sym_bn_vae with sigma_input log_var",
                  .choices = {"gamma", "tau"}},
                 end_option("from", 0.9, "its value at the first step"),
                 end_option("to", 0.3, "its value at the end of the schedule and after"),
                 {.name = "warmup_epochs", .default_value = 10.0, .help = "epochs from one to the other", .min = 0},
                 eps_option(1e-5),
                 momentum_option()}});

}  // namespace

}  // namespace klbench
