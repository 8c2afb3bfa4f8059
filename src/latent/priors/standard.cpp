#include "latent/prior.h"

namespace klbench {

namespace {

/// N(0, I).
class StandardPrior : public Prior {
 public:
  StandardPrior(const Options& /*options*/, const PriorRequest& request) : d_(request.model.latent_dim) {}

  torch::Tensor log_p(const torch::Tensor& z) const override { return log_prior(z); }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    return torch::randn({count, d_}, std::move(generator), torch::kFloat32);
  }
  bool is_reference() const override { return true; }

 private:
  std::int64_t d_;
};

KLBENCH_PRIOR(StandardPrior, {.key = "standard",
                              .summary = "standard normal distribution",
                              .paper = "Kingma and Welling, ICLR 2014",
                              .domain = kSpace});

}  // namespace

}  // namespace klbench
