#pragma once

#include <torch/torch.h>

namespace klbench::nn {

/// LinearCrossEntropy's -log softmax(W h)[target] with gradients, f32 on the CPU, in nn::precision(). Works through the
/// rows that are not padding in chunks and never keeps all logits; the gradients for equal upstream gradients are made
/// in the forward pass, the weight's is made again in the backward pass where upstream gradients differ by row.
/// h [T, B, input], weight [V, input], targets [T, B] int64 -> [T, B].
torch::Tensor cross_entropy_fused(const torch::Tensor& h, const torch::Tensor& weight, const torch::Tensor& targets);

/// The same without gradient; h [T, S B, input] holds S samples of the targets [T, B], sample by sample -> [T, S B].
torch::Tensor cross_entropy_infer(const torch::Tensor& h, const torch::Tensor& weight, const torch::Tensor& targets);

}  // namespace klbench::nn
