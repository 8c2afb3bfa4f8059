#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

/// Vectors of 16 floats for the pointwise loops of the fast layers, in GCC's portable vector types: a function marked
/// KLBENCH_SIMD is compiled for AVX-512, AVX2 with FMA and the baseline, and the loader picks by the CPU.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KLBENCH_SIMD \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("fp-contract=fast")))
#else
#define KLBENCH_SIMD
#endif
#define KLBENCH_INLINE [[gnu::always_inline]] static inline

// Vectors are returned by inlined functions alone: how a call would return them does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace klbench::nn::simd {

inline constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
using Halves = std::uint16_t __attribute__((vector_size(32)));

/// The first `count` of 16 lanes (the others 0).
KLBENCH_INLINE Floats load(const float* from, std::int64_t count = kLanes) {
  Floats v{};
  if (count >= kLanes)
    std::memcpy(&v, from, sizeof v);
  else
    std::memcpy(&v, from, static_cast<std::size_t>(count) * sizeof(float));
  return v;
}

KLBENCH_INLINE void store(float* to, const Floats& v, std::int64_t count = kLanes) {
  if (count >= kLanes)
    std::memcpy(to, &v, sizeof v);
  else
    std::memcpy(to, &v, static_cast<std::size_t>(count) * sizeof(float));
}

/// Rounds to bf16, to nearest even.
KLBENCH_INLINE void store_bf16(std::uint16_t* to, const Floats& v, std::int64_t count = kLanes) {
  const Words bits = std::bit_cast<Words>(v);
  const Halves rounded = __builtin_convertvector((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16, Halves);
  if (count >= kLanes)
    std::memcpy(to, &rounded, sizeof rounded);
  else
    std::memcpy(to, &rounded, static_cast<std::size_t>(count) * sizeof(std::uint16_t));
}

KLBENCH_INLINE Floats splat(float x) { return x - Floats{}; }
KLBENCH_INLINE Floats max(const Floats& a, const Floats& b) { return a > b ? a : b; }
/// Keeps not-a-numbers.
KLBENCH_INLINE Floats clamp(const Floats& x, float low, float high) {
  const Floats below = x > high ? splat(high) : x;
  return below < low ? splat(low) : below;
}

/// e^x within 1e-7 relative; x below -87 counts as -87, above 88 as 88. Cephes' range reduction and polynomial.
KLBENCH_INLINE Floats exp(const Floats& given) {
  constexpr float kMagic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  const Floats x = clamp(given, -87.0F, 88.0F);
  const Floats shifted = x * 1.44269504F + kMagic;
  const Floats n = shifted - kMagic;
  const Floats r = x - n * 0.693359375F + n * 2.12194440e-4F;
  Floats p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const Words power = (std::bit_cast<Words>(shifted) << 23) + 0x3f800000U;
  return p * std::bit_cast<Floats>(power);
}

KLBENCH_INLINE Floats sigmoid(const Floats& x) { return 1.0F / (1.0F + exp(-x)); }

/// tanh within 3e-7 relative, near 0 too.
KLBENCH_INLINE Floats tanh(const Floats& x) {
  const Floats square = x * x;
  Floats p = square * -5.70498872745e-3F + 2.06390887954e-2F;
  p = p * square - 5.37397155531e-2F;
  p = p * square + 1.33314422036e-1F;
  p = p * square - 3.33332819422e-1F;
  const Floats small = p * square * x + x;
  const Floats large = 1.0F - 2.0F / (exp(x + x) + 1.0F);
  return square < 0.390625F ? small : large;
}

KLBENCH_INLINE float sum(const Floats& v) {
  float total = 0;
  for (int i = 0; i < kLanes; ++i) total += v[i];
  return total;
}

KLBENCH_INLINE float largest(const Floats& v) {
  float best = v[0];
  for (int i = 1; i < kLanes; ++i) best = v[i] > best ? v[i] : best;
  return best;
}

}  // namespace klbench::nn::simd
