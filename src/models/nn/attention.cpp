#include "models/nn/attention.h"

#include <cmath>
#include <limits>

#include "core/error.h"

namespace klbench::nn {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

}  // namespace

torch::Tensor sinusoidal_positions(std::int64_t steps, std::int64_t width, const torch::Device& device) {
  const auto options = torch::TensorOptions(device).dtype(torch::kFloat32);
  const auto time = torch::arange(steps, options).unsqueeze(1);
  const auto pairs = torch::arange((width + 1) / 2, options);
  const auto angles = time * (pairs * (-2 * std::log(10000.0) / static_cast<double>(width))).exp();
  return torch::stack({angles.sin(), angles.cos()}, 2).flatten(1).slice(1, 0, width);
}

torch::Tensor causal_mask(std::int64_t steps, const torch::TensorOptions& options) {
  return torch::full({steps, steps}, kMinusInfinity, options).triu(1);
}

TransformerLayerImpl::TransformerLayerImpl(const TransformerSizes& sizes) : sizes_(sizes) {
  if (sizes.width % sizes.heads != 0) throw UsageError("a transformer's heads must divide its hidden_dim");
  const auto width = sizes.width;
  norm_attention_ = register_module("norm_attention", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  query_key_value_ = register_module("query_key_value", torch::nn::Linear(width, 3 * width));
  if (sizes.memory > 0)
    memory_key_value_ = register_module("memory_key_value", torch::nn::Linear(sizes.memory, 2 * width));
  output_ = register_module("output", torch::nn::Linear(width, width));
  norm_feedforward_ = register_module("norm_feedforward", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  inner_ = register_module("inner", torch::nn::Linear(width, sizes.feedforward));
  outer_ = register_module("outer", torch::nn::Linear(sizes.feedforward, width));
  dropout_ = register_module("dropout", Dropout(sizes.dropout));
}

torch::Tensor TransformerLayerImpl::attention(const torch::Tensor& x, const torch::Tensor& allowed,
                                              const torch::Tensor& memory) {
  const auto batch = x.size(0), steps = x.size(1), each = sizes_.width / sizes_.heads;
  const auto by_head = [&](const torch::Tensor& states) {  // [B, T, width] -> [B, heads, T, each]
    return states.view({batch, -1, sizes_.heads, each}).transpose(1, 2);
  };
  const auto parts = query_key_value_->forward(x).chunk(3, 2);
  auto key = parts[1], value = parts[2];
  auto mask = allowed.dim() == 3 ? allowed.unsqueeze(1) : allowed;  // of [B, heads, T, T]
  if (memory.defined()) {
    const auto remembered = memory_key_value_->forward(memory).unsqueeze(1).chunk(2, 2);
    key = torch::cat({remembered[0], key}, 1);
    value = torch::cat({remembered[1], value}, 1);
    auto sizes = mask.sizes().vec();
    sizes.back() = 1;
    mask = torch::cat({torch::zeros(sizes, mask.options()), mask}, -1);
  }
  const auto scores = torch::matmul(by_head(parts[0]), by_head(key).transpose(2, 3)) / std::sqrt(each) + mask;
  const auto found = torch::matmul(torch::softmax(scores, 3), by_head(value));
  return output_->forward(found.transpose(1, 2).reshape({batch, steps, sizes_.width}));
}

torch::Tensor TransformerLayerImpl::forward(const torch::Tensor& x, const torch::Tensor& allowed,
                                            const torch::Tensor& memory) {
  const auto attended = x + dropout_->forward(attention(norm_attention_->forward(x), allowed, memory));
  const auto inner = torch::gelu(inner_->forward(norm_feedforward_->forward(attended)));
  return attended + dropout_->forward(outer_->forward(inner));
}

}  // namespace klbench::nn
