#pragma once

#include <torch/torch.h>

#include <string>

namespace klbench::nn {

/// Precision of the matrix products of the fast layers; accumulation, pointwise work and weights are f32 always.
enum class Precision { f32, bf16 };

/// Sets the precision of the whole process: "f32" (at start) or "bf16"; throws UsageError for other names.
void set_precision(const std::string& name);
Precision precision();

/// Whether the fast layers take their fused CPU paths (at start: yes) or plain LibTorch, the oracle of tests and
/// benches.
void set_fused(bool fused);
bool fused();
/// Whether they do for this input.
bool runs_fused(const torch::Tensor& x);

}  // namespace klbench::nn
