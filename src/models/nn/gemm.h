#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>

#include "models/precision.h"

namespace klbench::nn {

/// A view of a row-major f32 or bf16 matrix on the CPU, perhaps read transposed; rows and columns are those of the
/// matrix as read.
struct Matrix {
  void* data;
  Precision type;
  std::int64_t rows, columns;
  std::int64_t stride;  ///< elements between rows in memory
  bool transposed = false;

  Matrix(float* data, std::int64_t rows, std::int64_t columns);
  Matrix(std::uint16_t* data, std::int64_t rows, std::int64_t columns);
  /// A 2-D float or bfloat16 tensor whose last dimension is contiguous.
  explicit Matrix(const torch::Tensor& tensor);

  Matrix t() const;
  /// `count` rows from `first` on; of a matrix that is not transposed.
  Matrix slice(std::int64_t first, std::int64_t count) const;
};

/// c = a b, or c += a b where `accumulate`; a [m, k] and b [k, n] of one type, c [m, n] f32, not transposed. f32 goes
/// through the CPU's back end (f32_backend), bf16 through oneDNN.
void multiply(const Matrix& a, const Matrix& b, const Matrix& c, bool accumulate = false);

/// c = a b for many a of at most m rows [.., k] and one f32 matrix b, which is brought into the precision of the
/// products (type of the a's) and into the layout oneDNN wants for m rows once, when constructed; b must outlive it.
class PackedProduct {
 public:
  PackedProduct(std::int64_t m, const Matrix& b, Precision type);
  ~PackedProduct();
  PackedProduct(const PackedProduct&) = delete;
  PackedProduct& operator=(const PackedProduct&) = delete;
  void run(const Matrix& a, const Matrix& c) const;

 private:
  struct Packed;
  std::int64_t m_;
  Matrix b_;
  std::unique_ptr<Packed> packed_;  ///< null: the back end packs by itself
};

/// A 2-D float tensor (last dimension contiguous) in the precision of the products: itself, or rounded to bfloat16.
torch::Tensor in_precision(const torch::Tensor& matrix, Precision type);

/// Where products are made.
enum class Backend { blas, onednn, onednn_packed, onednn_bf16, onednn_bf16_packed };

/// f32 products on this CPU: oneDNN with AVX-512, LibTorch's BLAS otherwise (on AVX2 OpenBLAS is the faster one).
Backend f32_backend();
/// Another choice than the CPU's, for tests and benches: blas or onednn.
void set_f32_backend(Backend backend);
/// Products made by a back end in this process so far.
std::int64_t products(Backend backend);

}  // namespace klbench::nn
