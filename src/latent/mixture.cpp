#include "latent/mixture.h"

namespace klbench {

torch::Tensor log_mixture(const Posterior& components, const torch::Tensor& log_weights, const torch::Tensor& z) {
  const Posterior q{components.mu.to(z.scalar_type()), components.log_var.to(z.scalar_type()), components.family};
  return torch::logsumexp(family_of(q).log_q(q, z.unsqueeze(-2)) + log_weights.to(z.scalar_type()), -1);
}

torch::Tensor sample_mixture(const Posterior& components, const torch::Tensor& log_weights, std::int64_t count,
                             torch::Generator generator) {
  const auto which = torch::multinomial(log_weights.exp().cpu(), count, /*replacement=*/true, generator);
  const auto noise = torch::randn({count, components.mu.size(1)}, generator, torch::kFloat32);
  const Posterior q{components.mu.cpu().index_select(0, which), components.log_var.cpu().index_select(0, which),
                    components.family};
  return family_of(q).sample(q, noise);
}

}  // namespace klbench
