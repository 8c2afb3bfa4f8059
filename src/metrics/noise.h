#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench {

/// A CPU generator of its own, so that drawing from it leaves torch's global one alone.
torch::Generator cpu_generator(std::uint64_t seed);

/// Standard normal float32 noise of the given sizes; a function of the seed and the sizes.
torch::Tensor normal_noise(torch::IntArrayRef sizes, std::uint64_t seed);

}  // namespace klbench
