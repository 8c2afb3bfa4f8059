#include "regularizers/batch_norm.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// mu_j <- gamma_j BN(mu_j) + b_j, with b trained from 0 and sigma left as it is (Zhu et al., ACL 2020). gamma is
/// fixed; with train_gamma it is gamma_j = gamma w_j / rms(w), w trained from 1, so that its RMS over dimensions stays
/// gamma. mean_B mu_j^2 = gamma_j^2 r_j + b_j^2 with r_j of BatchNorm, and sigma^2 - ln sigma^2 >= 1, hence the floor
///   mean_B KL_j >= 1/2 (gamma_j^2 r_j + b_j^2), nominally d gamma^2 / 2 in all.
class BnVae : public Regularizer {
 public:
  BnVae(const Options& options, std::int64_t latent_dim) : gamma_(options.real("gamma")) {
    norm_ = register_module("norm", BatchNorm(latent_dim, options.real("eps"), options.real("momentum")));
    moments_ = register_module("moments", PosteriorMoments(latent_dim));
    bias_ = register_parameter("bias", torch::zeros({latent_dim}));
    if (options.boolean("train_gamma")) gain_ = register_parameter("gain", torch::ones({latent_dim}));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    Posterior q{gamma() * norm_->forward(raw.mu, progress.mode) + bias_, raw.scale};
    moments_->observe(q, progress.mode);
    return {q, std::nullopt};
  }
  void begin_statistics() override { norm_->begin_statistics(); }
  void end_statistics() override { norm_->end_statistics(); }
  bool uses_batch_statistics() const override { return true; }

  torch::Tensor kl_floor(const BatchState& state) override {
    const torch::NoGradGuard no_grad;
    const auto gain = gamma().to(torch::kDouble), bias = bias_.to(torch::kDouble);
    return 0.5 * (gain.square() * norm_->second_moment(state.raw.mu) + bias.square());
  }
  double kl_floor_nominal(std::int64_t d) const override { return 0.5 * static_cast<double>(d) * gamma_ * gamma_; }

  std::map<std::string, torch::Tensor> diagnostics() override {
    std::map<std::string, torch::Tensor> all{{"bias", bias_.detach().clone()}, {"gamma", gamma().detach().clone()}};
    moments_->report(all);
    return all;
  }

 private:
  torch::Tensor gamma() const {
    if (!gain_.defined()) return torch::full_like(bias_, gamma_);
    return gain_ * (gamma_ / gain_.square().mean().sqrt());
  }

  double gamma_;
  BatchNorm norm_{nullptr};
  PosteriorMoments moments_{nullptr};
  torch::Tensor bias_, gain_;
};

KLBENCH_REGULARIZER(
    BnVae,
    {.key = "bn_vae",
     .summary = "batch normalisation of the posterior mean with a fixed gain",
     .paper = "Zhu et al., ACL 2020",
     .options =
         {{.name = "gamma", .default_value = 0.6, .help = "gain of the normalised mean", .min = 0, .min_open = true},
          {.name = "train_gamma",
           .default_value = false,
           .help = "train the gain of each dimension, their RMS kept at gamma"},
          {.name = "eps", .default_value = 1e-5, .help = "added to the batch variance", .min = 0, .min_open = true},
          {.name = "momentum", .default_value = 0.1, .help = "factor of the running statistics", .min = 0, .max = 1}},
     .replaces = {"posterior"},
     .needs_batch_statistics = true});

}  // namespace

}  // namespace klbench
