#include "latent/mixture.h"

namespace klbench {

torch::Tensor log_mixture(const Posterior& components, const torch::Tensor& log_weights, const torch::Tensor& z) {
  const auto q = components.to(z.scalar_type());
  return torch::logsumexp(family_of(q).log_q(q, z.unsqueeze(-2)) + log_weights.to(z.scalar_type()), -1);
}

torch::Tensor sample_mixture(const Posterior& components, const torch::Tensor& log_weights, std::int64_t count,
                             torch::Generator generator) {
  const auto which = torch::multinomial(log_weights.exp().cpu(), count, /*replacement=*/true, generator);
  const auto noise = torch::randn({count, components.mu.size(1)}, generator, torch::kFloat32);
  const auto q = components.to(torch::Device(torch::kCPU)).select(which);
  return family_of(q).sample(q, noise);
}

}  // namespace klbench
