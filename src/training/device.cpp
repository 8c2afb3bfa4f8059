#include "training/device.h"

#include "core/error.h"

namespace klbench {

torch::Device device_from(const std::string& name) {
  if (name == "cuda" && !torch::cuda::is_available()) {
    throw UsageError("trainer.device is cuda, but this LibTorch sees no CUDA device; valid here: cpu");
  }
  return torch::Device(name);
}

}  // namespace klbench
