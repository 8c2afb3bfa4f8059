#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// The options hidden_dim, layers, heads, feedforward_dim and dropout of transformers.
std::vector<OptionSpec> transformer_options();

/// Transformer layers (nn/attention.h) and a last normalisation.
class TransformerStackImpl : public torch::nn::Module {
 public:
  /// `memory`: size of the vector that every position attends to beside the others; 0: none.
  TransformerStackImpl(const Options& options, std::int64_t memory);
  /// x [B, T, hidden_dim]; `allowed` and `memory` as TransformerLayer's.
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& allowed, const torch::Tensor& memory = {});

 private:
  torch::nn::ModuleList layers_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};
TORCH_MODULE(TransformerStack);

}  // namespace klbench
