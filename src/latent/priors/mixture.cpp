#include "latent/mixture.h"

#include "latent/prior.h"

namespace klbench {

namespace {

/// A mixture of diagonal Gaussians with trained means (drawn from N(0, I)), variances (from 1) and weights (from equal
/// ones): p(z) = sum_k w_k N(z; m_k, s_k^2). The baseline of Tomczak and Welling's VampPrior ("MoG").
class MixturePrior : public Prior {
 public:
  MixturePrior(const Options& options, const PriorRequest& request) {
    const auto components = options.integer("components");
    mean_ = register_parameter("mean", torch::randn({components, request.model.latent_dim}));
    log_var_ = register_parameter("log_var", torch::zeros({components, request.model.latent_dim}));
    logits_ = register_parameter("logits", torch::zeros({components}));
  }

  torch::Tensor log_p(const torch::Tensor& z) const override {
    return log_mixture({mean_, log_var_}, logits_.log_softmax(0), z);
  }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    return sample_mixture({mean_, log_var_}, logits_.log_softmax(0), count, std::move(generator));
  }

 private:
  torch::Tensor mean_, log_var_, logits_;
};

KLBENCH_PRIOR(MixturePrior, {.key = "mixture",
                             .summary = "mixture of Gaussians with trained means, variances and weights",
                             .paper = "Tomczak and Welling, AISTATS 2018, baseline",
                             .options = {{.name = "components",
                                          .default_value = 10,
                                          .help = "Gaussians of the mixture",
                                          .min = 1,
                                          .max = 65536}},
                             .domain = kSpace});

}  // namespace

}  // namespace klbench
