#include "regularizers/registry.h"

namespace klbench {

namespace {

/// k(x, y) = exp(-|x - y|^2 / width), averaged over all pairs of rows.
torch::Tensor mean_kernel(const torch::Tensor& x, const torch::Tensor& y, double width) {
  return (-(x.unsqueeze(1) - y.unsqueeze(0)).square().sum(2) / width).exp().mean();
}

/// Less weight on the KL of each posterior, more on the distance of their mixture from the prior (Zhao et al., AAAI
/// 2019):
///   loss = rec + (1 - alpha) KL + (alpha + lambda - 1) MMD(z, z'), z' as many samples of the prior,
///   MMD(z, z') = mean k(z, z) + mean k(z', z') - 2 mean k(z, z'), k(x, y) = exp(-|x - y|^2 / width).
/// The kernel's width is d^2 as in the authors' code unless given. alpha = 0 and lambda = 1000 are published for MNIST,
/// none for text; alpha = 0 leaves the whole KL in place, so that alone it does not keep the KL from vanishing.
class InfoVae : public Regularizer {
 public:
  InfoVae(const Options& options, const ModelFacts& model)
      : alpha_(options.real("alpha")), weight_(alpha_ + options.real("lambda") - 1), width_(options.real("width")) {
    if (width_ == 0) width_ = static_cast<double>(model.latent_dim * model.latent_dim);
  }

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return 1 - alpha_; }

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto prior = torch::randn_like(terms.z);
    return weight_ * (mean_kernel(terms.z, terms.z, width_) + mean_kernel(prior, prior, width_) -
                      2 * mean_kernel(terms.z, prior, width_));
  }

 private:
  double alpha_, weight_, width_;
};

KLBENCH_REGULARIZER(
    InfoVae,
    {.key = "info_vae",
     .summary = "maximum mean discrepancy between aggregated posterior and prior",
     .paper = "Zhao et al., AAAI 2019",
     .options =
         {{.name = "alpha", .default_value = 0.0, .help = "share of the KL that is given up; 1: MMD alone", .max = 1},
          {.name = "lambda", .default_value = 1000.0, .help = "weight of the distance from the prior", .min = 0},
          {.name = "width", .default_value = 0.0, .help = "squared width of the kernel; 0: d^2", .min = 0}},
     .replaces = {"kl_scale"}});

}  // namespace

}  // namespace klbench
