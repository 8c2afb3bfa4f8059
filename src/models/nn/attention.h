#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/nn/dropout.h"

namespace klbench::nn {

/// Sinusoidal positions (Vaswani et al., NeurIPS 2017), [T, width] for steps 0 .. T-1.
torch::Tensor sinusoidal_positions(std::int64_t steps, std::int64_t width, const torch::Device& device);

/// Sizes of a transformer layer.
struct TransformerSizes {
  std::int64_t width = 0;        ///< of a state
  std::int64_t heads = 1;        ///< divides `width`
  std::int64_t feedforward = 0;  ///< units between the two linear maps
  std::int64_t memory = 0;       ///< size of a vector that every position attends to beside the others; 0: none
  double dropout = 0;
};

/// Transformer layer with normalisation before each part (Xiong et al., ICML 2020): x + attention(norm x), then
/// x + W2 gelu(W1 norm x).
class TransformerLayerImpl : public torch::nn::Module {
 public:
  explicit TransformerLayerImpl(const TransformerSizes& sizes);
  /// x [B, T, width]; `allowed` [T, T] or [B, 1, T], 0 where a position may look at another and -inf where not; memory
  /// [B, sizes.memory], which every position may look at, or undefined.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& allowed, const torch::Tensor& memory = {});

 private:
  torch::Tensor attention(const torch::Tensor& x, const torch::Tensor& allowed, const torch::Tensor& memory);

  TransformerSizes sizes_;
  torch::nn::LayerNorm norm_attention_{nullptr}, norm_feedforward_{nullptr};
  torch::nn::Linear query_key_value_{nullptr}, memory_key_value_{nullptr}, output_{nullptr};
  torch::nn::Linear inner_{nullptr}, outer_{nullptr};
  Dropout dropout_{nullptr};
};
TORCH_MODULE(TransformerLayer);

/// [T, T]: 0 on and below the diagonal, -inf above: position t looks at 0 .. t.
torch::Tensor causal_mask(std::int64_t steps, const torch::TensorOptions& options);

}  // namespace klbench::nn
