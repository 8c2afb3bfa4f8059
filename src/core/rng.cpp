#include "core/rng.h"

#include <xxhash.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <string>

namespace klbench {

std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  std::string key(purpose);
  key.append(reinterpret_cast<const char*>(&index), sizeof index);
  return XXH3_64bits_withSeed(key.data(), key.size(), seed);
}

std::uint64_t uniform_below(Rng& rng, std::uint64_t n) {
  const std::uint64_t excess = (UINT64_MAX % n + 1) % n;  // 2^64 mod n values too many
  for (;;) {
    const std::uint64_t x = rng();
    if (x <= UINT64_MAX - excess) return x % n;
  }
}

double uniform_real(Rng& rng) { return static_cast<double>(rng() >> 11) * 0x1.0p-53; }

double standard_normal(Rng& rng) {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform_real(rng)));
  return radius * std::cos(2.0 * std::numbers::pi * uniform_real(rng));
}

}  // namespace klbench
