#pragma once

#include <torch/torch.h>

#include "latent/posterior.h"

namespace klbench {

/// log sum_k exp(log_weights_k) q_k(z), nats, for the K distributions of `components` [K, d]; z [..., d] -> [...].
torch::Tensor log_mixture(const Posterior& components, const torch::Tensor& log_weights, const torch::Tensor& z);

/// [count, d] draws from it, on the CPU.
torch::Tensor sample_mixture(const Posterior& components, const torch::Tensor& log_weights, std::int64_t count,
                             torch::Generator generator);

}  // namespace klbench
