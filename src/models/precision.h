#pragma once

#include <torch/torch.h>

#include <string>

namespace klbench::nn {

/// Precision of the matrix products of the fast layers; accumulation, pointwise work and weights are f32 always.
enum class Precision { f32, bf16 };

/// Sets the precision of the whole process: "f32" (at start) or "bf16"; throws UsageError for other names.
void set_precision(const std::string& name);
/// The same for what a trained model is asked on this CPU: f32 where the CPU has no bf16.
void set_precision_here(const std::string& name);
Precision precision();

/// Whether the fast layers take their fused CPU paths (at start: yes) or plain LibTorch, the oracle of tests and
/// benches.
void set_fused(bool fused);
bool fused();
/// Whether they do for this input.
bool runs_fused(const torch::Tensor& x);

/// What plain LibTorch, which a card runs, makes the products of `x` in: bf16 where that is the precision and x is f32,
/// else what x is. On the CPU an input that runs_fused stays what it is.
torch::ScalarType plain_type(const torch::Tensor& x);
/// a b in plain_type(a), as what a is: factors are rounded, and on a card sums are in f32. Gradients are made
/// likewise and reach a and b as what these are.
torch::Tensor plain_product(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace klbench::nn
