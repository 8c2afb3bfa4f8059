#include "models/nn/embedding.h"

#include "models/precision.h"

namespace klbench::nn {

EmbeddingImpl::EmbeddingImpl(std::int64_t vocabulary, std::int64_t dimension)
    : weight(register_parameter("weight", torch::randn({vocabulary, dimension}))) {}

torch::Tensor EmbeddingImpl::forward(const torch::Tensor& words) {
  if (words.is_floating_point()) return words;
  return torch::embedding(weight, words, /*padding_idx=*/-1, /*scale_grad_by_freq=*/false,
                          /*sparse=*/fused() && weight.is_cpu());
}

}  // namespace klbench::nn
