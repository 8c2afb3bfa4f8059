#pragma once

#include <torch/torch.h>

namespace klbench::nn {

/// Table of word vectors, initialised N(0, 1) as torch's, with its parameter name. In the fast mode (nn::fused) the
/// gradient is sparse: the rows of the words that occurred, which Optimizer takes row by row.
class EmbeddingImpl : public torch::nn::Module {
 public:
  EmbeddingImpl(std::int64_t vocabulary, std::int64_t dimension);
  /// words [...] int64 -> [..., dimension]; vectors in their place stay.
  torch::Tensor forward(const torch::Tensor& words);

  torch::Tensor weight;  ///< [vocabulary, dimension]
};
TORCH_MODULE(Embedding);

}  // namespace klbench::nn
