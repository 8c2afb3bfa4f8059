#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// mu_j <- gamma_j BN(mu_j) + b_j (ScaledBatchNorm), sigma is left as it is (Zhu et al., ACL 2020).
/// mean_B mu_j^2 = gamma_j^2 r_j + b_j^2 and sigma^2 - ln sigma^2 >= 1, hence the floor
///   mean_B KL_j >= 1/2 (gamma_j^2 r_j + b_j^2), nominally d gamma^2 / 2 in all.
class BnVae : public Regularizer {
 public:
  BnVae(const Options& options, const ModelFacts& model) : gamma_(options.real("gamma")) {
    norm_ = register_module("norm", ScaledBatchNorm(model.latent_dim, gamma_, options.boolean("train_gamma"),
                                                    options.real("eps"), options.real("momentum")));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    return {{norm_->forward(raw.mu, progress.mode), raw.scale}, std::nullopt};
  }
  void begin_statistics() override { norm_->begin_statistics(); }
  void end_statistics() override { norm_->end_statistics(); }

  torch::Tensor kl_floor(const BatchState& state) override { return 0.5 * norm_->least_second_moment(state.raw.mu); }
  torch::Tensor normalised_moment(const BatchState& state) override { return norm_->normalised_moment(state.raw.mu); }
  double kl_floor_nominal(std::int64_t d) const override { return 0.5 * static_cast<double>(d) * gamma_ * gamma_; }

  std::map<std::string, torch::Tensor> diagnostics() override { return norm_->diagnostics(); }

 private:
  double gamma_;
  ScaledBatchNorm norm_{nullptr};
};

KLBENCH_REGULARIZER(BnVae, {.key = "bn_vae",
                            .summary = "batch normalisation of the posterior mean with a fixed gain",
                            .paper = "Zhu et al., ACL 2020",
                            .recipe = "zhu2020, zhang2022",
                            .options = {gamma_option("gain of the normalised mean"),
                                        {.name = "train_gamma",
                                         .default_value = false,
                                         .help = "train the gain of each dimension, their RMS kept at gamma"},
                                        eps_option(1e-5),
                                        momentum_option()}});

}  // namespace

}  // namespace klbench
