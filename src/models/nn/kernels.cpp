#include "models/nn/kernels.h"

#include <algorithm>
#include <cmath>

#include "models/nn/simd.h"

namespace klbench::nn {

using namespace simd;

template <class Floats>
KLBENCH_INLINE void lstm_cell_forward_in(const CellForward& cell) {
  const auto [rows, hidden, words, recurrent, shared, shared_stride, c_prev, gates, c, h, h16] = cell;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t j = 0; j < hidden; j += kLanes<Floats>) {
      const auto count = std::min(kLanes<Floats>, hidden - j);
      const auto at = row * hidden + j;
      const auto preactivation = [&](std::int64_t gate) __attribute__((always_inline)) {
        const auto column = gate * hidden + j, position = row * 4 * hidden + column;
        const Floats a =
            load<Floats>(words + position, count) + load<Floats>(shared + row * shared_stride + column, count);
        return recurrent ? a + load<Floats>(recurrent + position, count) : a;
      };
      const Floats i = sigmoid(preactivation(0)), f = sigmoid(preactivation(1));
      const Floats g = tanh(preactivation(2)), o = sigmoid(preactivation(3));
      const Floats next = c_prev ? f * load<Floats>(c_prev + at, count) + i * g : i * g;
      const Floats output = o * tanh(next);
      store(c + at, next, count);
      store(h + at, output, count);
      if (h16) store_bf16(h16 + at, output, count);
      if (!gates) continue;
      float* kept = gates + row * 4 * hidden + j;
      store(kept, i, count);
      store(kept + hidden, f, count);
      store(kept + 2 * hidden, g, count);
      store(kept + 3 * hidden, o, count);
    }
  }
}
KLBENCH_SIMD(void, lstm_cell_forward, (const CellForward& cell), (cell))

template <class Floats>
KLBENCH_INLINE void lstm_cell_backward_in(const CellBackward& cell) {
  const auto [rows, hidden, gates, c_prev, c, d_output, d_recurrent, dc, d_gates, d_gates16, d_sum] = cell;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t j = 0; j < hidden; j += kLanes<Floats>) {
      const auto count = std::min(kLanes<Floats>, hidden - j);
      const auto at = row * hidden + j, gate = row * 4 * hidden + j;
      const Floats i = load<Floats>(gates + gate, count), f = load<Floats>(gates + gate + hidden, count);
      const Floats g = load<Floats>(gates + gate + 2 * hidden, count),
                   o = load<Floats>(gates + gate + 3 * hidden, count);
      const Floats tanh_c = tanh(load<Floats>(c + at, count));
      Floats dh{};
      if (d_output) dh += load<Floats>(d_output + at, count);
      if (d_recurrent) dh += load<Floats>(d_recurrent + at, count);
      const Floats d_cell = load<Floats>(dc + at, count) + dh * o * (1.0F - tanh_c * tanh_c);
      const auto write = [&](std::int64_t which, const Floats& d) __attribute__((always_inline)) {
        const auto position = gate + which * hidden;
        store(d_sum + position, load<Floats>(d_sum + position, count) + d, count);
        if (d_gates)
          store(d_gates + position, d, count);
        else
          store_bf16(d_gates16 + position, d, count);
      };
      write(0, d_cell * g * i * (1.0F - i));
      write(1, c_prev ? d_cell * load<Floats>(c_prev + at, count) * f * (1.0F - f) : Floats{});
      write(2, d_cell * i * (1.0F - g * g));
      write(3, dh * tanh_c * o * (1.0F - o));
      store(dc + at, d_cell * f, count);
    }
  }
}
KLBENCH_SIMD(void, lstm_cell_backward, (const CellBackward& cell), (cell))

namespace {

template <class Floats>
KLBENCH_INLINE float row_maximum(const float* x, std::int64_t n) {
  constexpr auto lanes = kLanes<Floats>;
  const auto whole = n - n % lanes;
  Floats best = splat<Floats>(x[0]);
  for (std::int64_t j = 0; j < whole; j += lanes) best = max(load<Floats>(x + j), best);
  float result = best[0];
  for (std::int64_t i = 1; i < lanes; ++i) result = std::max(result, best[i]);
  for (auto j = whole; j < n; ++j) result = std::max(result, x[j]);
  return result;
}

/// sum_j e^{x_j - shift}; the terms are written to `to` where that is not null (it may be x).
template <class Floats>
KLBENCH_INLINE float exponentials(const float* x, std::int64_t n, float shift, float* to) {
  constexpr auto lanes = kLanes<Floats>;
  const auto terms = [&](std::int64_t j, std::int64_t count) __attribute__((always_inline)) {
    const Floats e = exp(load<Floats>(x + j, count) - shift);
    if (to) store(to + j, e, count);
    return e;
  };
  Sums<Floats> sums;
  const auto whole = n - n % sums.kCount;
  for (std::int64_t j = 0; j < whole; j += sums.kCount)
    for (std::int64_t k = 0; k < sums.kParts; ++k) sums.parts[k] += terms(j + k * lanes, lanes);
  float total = sums.total();
  for (auto j = whole; j < n; j += lanes) {
    const auto count = std::min(lanes, n - j);
    const Floats rest = terms(j, count);
    for (std::int64_t i = 0; i < count; ++i) total += rest[i];
  }
  return total;
}

}  // namespace

template <class Floats>
KLBENCH_INLINE float log_sum_exp_in(const float* x, std::int64_t n) {
  const float shift = row_maximum<Floats>(x, n);
  return shift + std::log(exponentials<Floats>(x, n, shift, nullptr));
}
KLBENCH_SIMD(float, log_sum_exp, (const float* x, std::int64_t n), (x, n))

template <class Floats>
KLBENCH_INLINE float softmax_gradient_in(float* x, std::int64_t n, std::int64_t target, float scale,
                                         std::uint16_t* out16) {
  const float shift = row_maximum<Floats>(x, n);
  const float total = exponentials<Floats>(x, n, shift, x);
  // Less 1 before rounding: a probability near 1 leaves a small exact rest.
  const float factor = scale / total;
  x[target] -= total;
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>) {
    const auto count = std::min(kLanes<Floats>, n - j);
    const Floats d = load<Floats>(x + j, count) * factor;
    if (out16)
      store_bf16(out16 + j, d, count);
    else
      store(x + j, d, count);
  }
  return shift + std::log(total);
}
KLBENCH_SIMD(float, softmax_gradient,
             (float* x, std::int64_t n, std::int64_t target, float scale, std::uint16_t* out16),
             (x, n, target, scale, out16))

template <class Floats>
KLBENCH_INLINE void scale_in(const float* from, float factor, float* to, std::int64_t n) {
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>) {
    const auto count = std::min(kLanes<Floats>, n - j);
    store(to + j, factor * load<Floats>(from + j, count), count);
  }
}
KLBENCH_SIMD(void, scale, (const float* from, float factor, float* to, std::int64_t n), (from, factor, to, n))

namespace {

/// A bijection of 32 bits whose every output bit depends on every input bit (Wellons' lowbias32).
template <class Words>
KLBENCH_INLINE Words mix(const Words& given) {
  Words x = given ^ (given >> 16);
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

}  // namespace

template <class Floats>
KLBENCH_INLINE void drop_in(const float* from, float* to, std::int64_t n, double rate, std::uint64_t seed) {
  const auto low = static_cast<std::uint32_t>(seed), high = static_cast<std::uint32_t>(seed >> 32);
  const auto threshold = static_cast<std::uint32_t>(rate * 4294967296.0);
  const auto kept = static_cast<float>(1 / (1 - rate));
  Words<Floats> position{};
  for (std::uint32_t i = 0; i < kLanes<Floats>; ++i) position[i] = i;
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>, position += static_cast<std::uint32_t>(kLanes<Floats>)) {
    const auto count = std::min(kLanes<Floats>, n - j);
    const Words<Floats> hash = mix(mix(position + low) ^ high);
    const Floats scaled = kept * load<Floats>(from + j, count);
    store(to + j, hash >= threshold ? scaled : Floats{}, count);
  }
}
KLBENCH_SIMD(void, drop, (const float* from, float* to, std::int64_t n, double rate, std::uint64_t seed),
             (from, to, n, rate, seed))

template <class Floats>
KLBENCH_INLINE void round_to_bf16_in(const float* from, std::uint16_t* to, std::int64_t n) {
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>) {
    const auto count = std::min(kLanes<Floats>, n - j);
    store_bf16(to + j, load<Floats>(from + j, count), count);
  }
}
KLBENCH_SIMD(void, round_to_bf16, (const float* from, std::uint16_t* to, std::int64_t n), (from, to, n))

}  // namespace klbench::nn
