#include "regularizers/norm_options.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Layer normalisation of the mean over its d dimensions with a fixed gain and no bias,
///   mu <- gamma (mu - mean_d mu) / sqrt(var_d mu + eps); sigma is left as it is.
/// sum_j mu_j^2 = d gamma^2 v / (v + eps) for every example, v its variance over dimensions: the KL is bounded as in
/// bn_vae (nominally by d gamma^2 / 2), but all examples may have the same mean. Per dimension the floor is the exact
/// 1/2 mean_B mu_j^2. The ablation of sym_bn_vae's article.
class LnVae : public Regularizer {
 public:
  LnVae(const Options& options, const ModelFacts& /*model*/)
      : gamma_(options.real("gamma")), eps_(options.real("eps")) {}

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& /*progress*/) override {
    return {{normalise(raw.mu), raw.scale}, std::nullopt};
  }

  torch::Tensor kl_floor(const BatchState& state) override {
    return 0.5 * normalise(state.raw.mu.detach().to(torch::kDouble)).square().mean(0);
  }
  torch::Tensor normalised_moment(const BatchState& state) override {
    return normalise(state.raw.mu.detach().to(torch::kDouble)).square().mean(0) / (gamma_ * gamma_);
  }
  double kl_floor_nominal(std::int64_t d) const override { return 0.5 * static_cast<double>(d) * gamma_ * gamma_; }

 private:
  torch::Tensor normalise(const torch::Tensor& mu) const {
    const auto centred = mu - mu.mean(1, /*keepdim=*/true);
    return gamma_ * centred * (centred.square().mean(1, true) + eps_).rsqrt();
  }

  double gamma_, eps_;
};

KLBENCH_REGULARIZER(LnVae, {.key = "ln_vae",
                            .summary = "layer normalisation of the posterior mean with a fixed gain",
                            .paper = "ablation: a KL bound as in bn_vae without spreading the examples",
                            .options = {gamma_option("gain of the normalised mean"),
                                        eps_option(1e-5, "added to the variance over dimensions")}});

}  // namespace

}  // namespace klbench
