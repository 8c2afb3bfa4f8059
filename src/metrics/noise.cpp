#include "metrics/noise.h"

#include <ATen/CPUGeneratorImpl.h>

namespace klbench {

torch::Generator cpu_generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

torch::Tensor normal_noise(torch::IntArrayRef sizes, std::uint64_t seed) {
  return torch::randn(sizes, cpu_generator(seed), torch::kFloat32);
}

}  // namespace klbench
