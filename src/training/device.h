#pragma once

#include <torch/torch.h>

#include <string>

namespace klbench {

/// The device that trainer.device names. Throws UsageError for cuda where this LibTorch sees no card.
torch::Device device_from(const std::string& name);

}  // namespace klbench
