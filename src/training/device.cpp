#include "training/device.h"

#include <torch/torch.h>

#include "core/error.h"

namespace klbench {

void check_device(const std::string& name) {
  if (name != "cuda" || torch::cuda::is_available()) return;
  throw UsageError("trainer.device is cuda, but this LibTorch sees no CUDA device; valid here: cpu");
}

}  // namespace klbench
