#include "training/device.h"

#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"

namespace klbench {

std::int64_t visible_cards() {
  return torch::cuda::is_available() ? static_cast<std::int64_t>(torch::cuda::device_count()) : 0;
}

void check_device(const std::string& name, std::int64_t dealt, std::int64_t cards) {
  if (name == "cpu") return;
  if (std::max<std::int64_t>(torch::Device(name).index(), 0) >= cards) {
    const std::string seen =
        cards == 0 ? "no CUDA device; valid here: cpu"
                   : fmt::format("{} CUDA devices; valid here: cpu, cuda, cuda:0 to cuda:{}", cards, cards - 1);
    throw UsageError(fmt::format("trainer.device is {}, but this LibTorch sees {}", name, seen));
  }
  if (dealt > cards)
    throw UsageError(fmt::format("gpus={} deals more cards than the {} that this LibTorch sees", dealt, cards));
}

torch::Device use_device(const std::string& name) {
  check_device(name);
  const torch::Device device(name);
  if (device.is_cuda()) reproducible_algorithms();
  return device;
}

void reproducible_algorithms() {
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  auto& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  context.setDeterministicFillUninitializedMemory(false);  // all that is read here was written
#endif
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
#if TORCH_VERSION_MAJOR >= 2
  context.setAllowBF16ReductionCuBLAS(false);  // factors alone are rounded
#endif
}

}  // namespace klbench
