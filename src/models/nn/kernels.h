#pragma once

#include <cstdint>

/// Pointwise loops of the fast layers over plain arrays; rows are contiguous. bf16 numbers are std::uint16_t.
namespace klbench::nn {

/// One time step of an LSTM for `rows` sequences, H = hidden. The pre-activations [rows, 4H], gates i, f, g, o, are the
/// sum of three parts: `words` and `recurrent` with row stride 4H (recurrent may be null) and `shared` with row stride
/// `shared_stride` (0: one row for all). Writes
///   c = s(f) c_prev + s(i) tanh(g),  h = s(o) tanh(c)  [rows, H]
/// and, where not null, the activated gates to `gates` (may be `words`) and h rounded to bf16 to `h16`.
/// c may be c_prev; c_prev null stands for zeros.
struct CellForward {
  std::int64_t rows, hidden;
  const float *words, *recurrent, *shared;
  std::int64_t shared_stride;
  const float* c_prev;
  float *gates, *c, *h;
  std::uint16_t* h16;
};
void lstm_cell_forward(const CellForward& cell);

/// The step backwards: from dh = d_output + d_recurrent (either may be null) and dc [rows, H] (in: from the later step;
/// out: for the earlier one) to the gradients of the pre-activations [rows, 4H], written to `d_gates` or, where that is
/// null, as bf16 to `d_gates16`, and added to `d_sum` [rows, 4H].
struct CellBackward {
  std::int64_t rows, hidden;
  const float *gates, *c_prev, *c, *d_output, *d_recurrent;
  float *dc, *d_gates;
  std::uint16_t* d_gates16;
  float* d_sum;
};
void lstm_cell_backward(const CellBackward& cell);

/// log sum_j e^{x_j} of a row of n.
float log_sum_exp(const float* x, std::int64_t n);

/// log sum_j e^{x_j}; x becomes the softmax times `scale`, less `scale` at `target`; written as bf16 to `out16` instead
/// where that is not null (x is then scratch).
float softmax_gradient(float* x, std::int64_t n, std::int64_t target, float scale, std::uint16_t* out16);

/// to = factor from, n floats.
void scale(const float* from, float factor, float* to, std::int64_t n);

/// to_i = 0 with probability `rate`, else from_i / (1 - rate), by a hash of (seed, i); n < 2^32.
void drop(const float* from, float* to, std::int64_t n, double rate, std::uint64_t seed);

/// Rounds n floats to bf16, to nearest even.
void round_to_bf16(const float* from, std::uint16_t* to, std::int64_t n);

}  // namespace klbench::nn
