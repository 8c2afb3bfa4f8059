#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

namespace klbench {

/// CUDA devices that this LibTorch sees.
std::int64_t visible_cards();

/// Throws UsageError where trainer.device names a card that is not among `cards`, or cells are dealt (run --gpus) more
/// of them.
void check_device(const std::string& name, std::int64_t dealt = 0, std::int64_t cards = visible_cards());

/// The device of that name, after check_device; of a card with reproducible_algorithms.
torch::Device use_device(const std::string& name);

/// Sets this process, before its first use of a card, to algorithms that give the same numbers on the same card again
/// (LibTorch warns where it has none), to products in full single precision, not TF32, and to sums of bf16 products in
/// single precision.
void reproducible_algorithms();

}  // namespace klbench
