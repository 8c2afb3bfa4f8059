#include "latent/sphere.h"

#include "latent/prior.h"

namespace klbench {

namespace {

/// The uniform distribution on the unit sphere in R^d.
class SpherePrior : public Prior {
 public:
  SpherePrior(const Options& /*options*/, const PriorRequest& request) : d_(request.model.latent_dim) {}

  torch::Tensor log_p(const torch::Tensor& z) const override {
    return torch::full(z.sizes().slice(0, z.dim() - 1), -log_area(d_), z.options());
  }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    const auto z = torch::randn({count, d_}, std::move(generator), torch::kFloat32);
    return z / z.norm(2, 1, true);
  }
  bool is_reference() const override { return true; }

 private:
  std::int64_t d_;
};

KLBENCH_PRIOR(SpherePrior, {.key = "sphere",
                            .summary = "uniform distribution on the unit sphere",
                            .paper = "Xu and Durrett, EMNLP 2018",
                            .domain = kSphere});

}  // namespace

}  // namespace klbench
