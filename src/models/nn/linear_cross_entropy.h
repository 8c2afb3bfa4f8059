#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench::nn {

/// Output layer without bias and softmax cross-entropy in one: -log softmax(W h)[target], nats.
class LinearCrossEntropyImpl : public torch::nn::Module {
 public:
  LinearCrossEntropyImpl(std::int64_t input, std::int64_t vocabulary);

  /// h [T, B, input], targets [T, B] int64 with 0 = padding -> [T, B], 0 where padding.
  torch::Tensor forward(const torch::Tensor& h, const torch::Tensor& targets);
  /// Without gradient, for S samples that share the targets: h [T, S B, input], row s B + b for sample s of sentence b;
  /// targets [T, B] -> [T, S B]. Logits are never kept.
  torch::Tensor token_nll(const torch::Tensor& h, const torch::Tensor& targets);
  /// Logits W h, for sampling and decoding; h [..., input] -> [..., V].
  torch::Tensor logits(const torch::Tensor& h);

  torch::Tensor weight;  ///< [V, input]
};
TORCH_MODULE(LinearCrossEntropy);

/// -log softmax(W h)[target] with gradients, on any device and in any type, by operations of LibTorch: `chunk` rows at
/// a time. What the backward pass needs of the logits is kept of the last chunk (mostly the only one) and made again of
/// the others. No second derivatives. h [N, input], weight [V, input], targets [N] int64 with 0 = padding -> [N], 0
/// where padding.
torch::Tensor cross_entropy_chunked(const torch::Tensor& h, const torch::Tensor& weight, const torch::Tensor& targets,
                                    std::int64_t chunk = 2048);

}  // namespace klbench::nn
