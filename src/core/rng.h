#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace klbench {

/// A seed for one purpose of a run, so that no purpose's draws depend on how much another one drew:
/// a hash of (seed, purpose, index), e.g. derive_seed(7, "order", epoch).
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

/// The standard fixes this engine's output; its distributions it does not, hence the functions below.
using Rng = std::mt19937_64;

/// Uniform in [0, n), without modulo bias; the same numbers on every platform. n > 0.
std::uint64_t uniform_below(Rng& rng, std::uint64_t n);

/// Uniform in [0, 1) with 53 bits.
double uniform_real(Rng& rng);

/// Standard normal (Box-Muller, one draw a call).
double standard_normal(Rng& rng);

/// Fisher-Yates with uniform_below.
template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[uniform_below(rng, i)]);
}

}  // namespace klbench
