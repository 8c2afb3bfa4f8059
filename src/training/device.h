#pragma once

#include <torch/torch.h>

#include <string>

namespace klbench {

/// Throws UsageError where trainer.device names a card and this LibTorch sees none.
void check_device(const std::string& name);

/// The device of that name, after check_device; of a card with reproducible_algorithms.
torch::Device use_device(const std::string& name);

/// Sets this process, before its first use of a card, to algorithms that give the same numbers on the same card again
/// (LibTorch warns where it has none) and to products in full single precision, not TF32.
void reproducible_algorithms();

}  // namespace klbench
