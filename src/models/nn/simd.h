#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

/// Vectors of floats for the pointwise loops of the fast layers, in GCC's portable vector types. A loop is written
/// once, as a template name_in over the type of its vectors; KLBENCH_SIMD(result, name, (parameters), (arguments))
/// defines `name`, which runs it at the width of the CPU: 16 lanes (AVX-512), 8 (AVX2 with FMA) or 4. One width for all
/// will not do: of a vector wider than the CPU's GCC takes the comparisons apart lane by lane, six times slower.
#define KLBENCH_INLINE [[gnu::always_inline]] static inline

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define KLBENCH_TARGET(arch) [[gnu::target("arch=" arch), gnu::optimize("fp-contract=fast")]] static
#define KLBENCH_SIMD(result, name, parameters, arguments)                \
  KLBENCH_TARGET("x86-64-v4") result name##_v4 parameters {              \
    return name##_in<klbench::nn::simd::Vector<16>> arguments;           \
  }                                                                      \
  KLBENCH_TARGET("x86-64-v3") result name##_v3 parameters {              \
    return name##_in<klbench::nn::simd::Vector<8>> arguments;            \
  }                                                                      \
  result name parameters {                                               \
    if (__builtin_cpu_supports("x86-64-v4")) return name##_v4 arguments; \
    if (__builtin_cpu_supports("x86-64-v3")) return name##_v3 arguments; \
    return name##_in<klbench::nn::simd::Vector<4>> arguments;            \
  }
#else
#define KLBENCH_SIMD(result, name, parameters, arguments) \
  result name parameters { return name##_in<klbench::nn::simd::Vector<4>> arguments; }
#endif

// Vectors are returned by inlined functions alone: how a call would return them does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace klbench::nn::simd {

template <int lanes>
struct Register {
  using Floats [[gnu::vector_size(4 * lanes)]] = float;
  using Words [[gnu::vector_size(4 * lanes)]] = std::uint32_t;
  using Halves [[gnu::vector_size(2 * lanes)]] = std::uint16_t;
};
template <int lanes>
using Vector = typename Register<lanes>::Floats;

template <class Floats>
inline constexpr std::int64_t kLanes = sizeof(Floats) / sizeof(float);
template <class Floats>
using Words = typename Register<kLanes<Floats>>::Words;
template <class Floats>
using Halves = typename Register<kLanes<Floats>>::Halves;

/// The first `count` lanes (the others 0).
template <class Floats>
KLBENCH_INLINE Floats load(const float* from, std::int64_t count = kLanes<Floats>) {
  Floats v{};
  if (count >= kLanes<Floats>)
    std::memcpy(&v, from, sizeof v);
  else
    std::memcpy(&v, from, static_cast<std::size_t>(count) * sizeof(float));
  return v;
}

template <class Floats>
KLBENCH_INLINE void store(float* to, const Floats& v, std::int64_t count = kLanes<Floats>) {
  if (count >= kLanes<Floats>)
    std::memcpy(to, &v, sizeof v);
  else
    std::memcpy(to, &v, static_cast<std::size_t>(count) * sizeof(float));
}

/// Rounds to bf16, to nearest even.
template <class Floats>
KLBENCH_INLINE void store_bf16(std::uint16_t* to, const Floats& v, std::int64_t count = kLanes<Floats>) {
  const auto bits = std::bit_cast<Words<Floats>>(v);
  const auto rounded = __builtin_convertvector((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16, Halves<Floats>);
  if (count >= kLanes<Floats>)
    std::memcpy(to, &rounded, sizeof rounded);
  else
    std::memcpy(to, &rounded, static_cast<std::size_t>(count) * sizeof(std::uint16_t));
}

template <class Floats>
KLBENCH_INLINE Floats splat(float x) {
  return x - Floats{};
}
template <class Floats>
KLBENCH_INLINE Floats max(const Floats& a, const Floats& b) {
  return a > b ? a : b;
}
/// Keeps not-a-numbers.
template <class Floats>
KLBENCH_INLINE Floats clamp(const Floats& x, float low, float high) {
  const Floats below = x > high ? splat<Floats>(high) : x;
  return below < low ? splat<Floats>(low) : below;
}

/// e^x within 1e-7 relative; x below -87 counts as -87, above 88 as 88. Cephes' range reduction and polynomial.
template <class Floats>
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
  const Words<Floats> power = (std::bit_cast<Words<Floats>>(shifted) << 23) + 0x3f800000U;
  return p * std::bit_cast<Floats>(power);
}

template <class Floats>
KLBENCH_INLINE Floats sigmoid(const Floats& x) {
  return 1.0F / (1.0F + exp(-x));
}

/// tanh within 3e-7 relative, near 0 too.
template <class Floats>
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

/// 16 partial sums in vectors of any width, so that no width shows in the last bits of a total.
template <class Floats>
struct Sums {
  static constexpr std::int64_t kCount = 16, kParts = kCount / kLanes<Floats>;
  Floats parts[kParts]{};

  [[gnu::always_inline]] float total() const {
    float total = 0;
    for (std::int64_t i = 0; i < kCount; ++i) total += parts[i / kLanes<Floats>][i % kLanes<Floats>];
    return total;
  }
};

}  // namespace klbench::nn::simd
