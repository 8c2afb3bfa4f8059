#pragma once

#include <torch/torch.h>

namespace klbench {

/// `tensor` on `device`: itself where it lies there. What goes from the CPU to a card goes through page-locked memory,
/// so that the CPU does not wait for it.
inline torch::Tensor on(const torch::Device& device, const torch::Tensor& tensor) {
  const bool to_card = device.is_cuda() && tensor.is_cpu();
  return to_card ? tensor.pin_memory().to(device, /*non_blocking=*/true) : tensor.to(device);
}

}  // namespace klbench
