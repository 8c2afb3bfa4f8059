#include "training/device.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"

namespace klbench {

void check_device(const std::string& name) {
  if (name == "cpu") return;
  const auto cards = torch::cuda::is_available() ? static_cast<std::int64_t>(torch::cuda::device_count()) : 0;
  if (std::max<std::int64_t>(torch::Device(name).index(), 0) < cards) return;
  const std::string seen =
      cards == 0 ? "no CUDA device; valid here: cpu"
                 : fmt::format("{} CUDA devices; valid here: cpu, cuda, cuda:0 to cuda:{}", cards, cards - 1);
  throw UsageError(fmt::format("trainer.device is {}, but this LibTorch sees {}", name, seen));
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
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
}

}  // namespace klbench
