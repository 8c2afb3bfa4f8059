#include "models/nn/gemm.h"

#include <malloc.h>

#include <array>
#include <atomic>
#include <limits>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "core/cpu_precision.h"
#include "core/error.h"
#include "models/nn/kernels.h"

namespace klbench::nn {

namespace {

std::array<std::atomic<std::int64_t>, 5> made{};

void count(Backend backend) { made[static_cast<std::size_t>(backend)].fetch_add(1, std::memory_order_relaxed); }

/// Chooses the back end. Every step allocates and frees the same large buffers: malloc is told to keep them, or the
/// kernel clears fresh pages for a sixth of the time.
Backend start_up() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  return cpu_has_avx512() ? Backend::onednn : Backend::blas;
}

std::atomic<Backend>& chosen_backend() {
  static std::atomic<Backend> backend{start_up()};
  return backend;
}

dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  thread_local dnnl::stream of_thread(engine());
  return of_thread;
}

dnnl::memory::data_type data_type(Precision type) {
  return type == Precision::f32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::bf16;
}

dnnl::memory::desc describe(const Matrix& m) {
  const auto strides = m.transposed ? dnnl::memory::dims{1, m.stride} : dnnl::memory::dims{m.stride, 1};
  return {{m.rows, m.columns}, data_type(m.type), strides};
}

/// c = a * weights, compiled by oneDNN.
dnnl::matmul::primitive_desc product(const dnnl::memory::desc& a, const dnnl::memory::desc& weights,
                                     const dnnl::memory::desc& c, const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR < 3
  return {dnnl::matmul::desc(a, weights, c), attributes, engine()};
#else
  return {engine(), a, weights, c, attributes};
#endif
}

/// A oneDNN product made for one shape, with the arguments it is run on.
struct Kernel {
  dnnl::matmul::primitive_desc description;
  dnnl::matmul primitive;
  std::unordered_map<int, dnnl::memory> arguments;

  explicit Kernel(const dnnl::matmul::primitive_desc& pd) : description(pd), primitive(pd) {
    arguments = {{DNNL_ARG_SRC, dnnl::memory(pd.src_desc(), engine(), nullptr)},
                 {DNNL_ARG_WEIGHTS, dnnl::memory(pd.weights_desc(), engine(), nullptr)},
                 {DNNL_ARG_DST, dnnl::memory(pd.dst_desc(), engine(), nullptr)}};
  }

  void run(void* a, void* b, void* c) {
    arguments.at(DNNL_ARG_SRC).set_data_handle(a);
    arguments.at(DNNL_ARG_WEIGHTS).set_data_handle(b);
    arguments.at(DNNL_ARG_DST).set_data_handle(c);
    primitive.execute(stream(), arguments);
    stream().wait();
  }
};

/// The kernel of a shape, from this thread's cache; oneDNN compiles one for each shape. packed_for: 0, or the number of
/// rows for which oneDNN chose the layout of b.
Kernel& kernel_for(const Matrix& a, const Matrix& b, const Matrix& c, bool accumulate, std::int64_t packed_for = 0) {
  using Key = std::array<std::int64_t, 9>;
  const bool packed = packed_for > 0;
  thread_local std::map<Key, Kernel> cache;
  const Key key{a.rows,
                b.columns,
                a.columns,
                a.transposed ? -a.stride : a.stride,
                packed ? 0 : (b.transposed ? -b.stride : b.stride),
                c.stride,
                static_cast<std::int64_t>(a.type),
                accumulate,
                packed_for};
  const auto found = cache.find(key);
  if (found != cache.end()) return found->second;
  dnnl::primitive_attr attributes;
  if (accumulate) {
    dnnl::post_ops add;
    add.append_sum(1.0F);
    attributes.set_post_ops(add);
  }
  auto weights = describe(b);
  if (packed && a.rows == packed_for) {
    weights = dnnl::memory::desc({b.rows, b.columns}, data_type(a.type), dnnl::memory::format_tag::any);
  } else if (packed) {
    Matrix most = a, out = c;
    most.rows = out.rows = packed_for;
    weights = kernel_for(most, b, out, accumulate, packed_for).description.weights_desc();
  }
  return cache.try_emplace(key, product(describe(a), weights, describe(c), attributes)).first->second;
}

/// C and C++ order differ only in which operand is called transposed; oneDNN's sgemm takes row-major matrices.
void onednn_f32(const Matrix& a, const Matrix& b, const Matrix& c, bool accumulate) {
  const auto status = dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', a.rows, b.columns, a.columns, 1.0F,
                                 static_cast<const float*>(a.data), a.stride, static_cast<const float*>(b.data),
                                 b.stride, accumulate ? 1.0F : 0.0F, static_cast<float*>(c.data), c.stride);
  if (status != dnnl_success) throw Error("oneDNN sgemm failed with status " + std::to_string(status));
  count(Backend::onednn);
}

torch::Tensor as_tensor(const Matrix& m) {
  const auto tensor = m.transposed ? torch::from_blob(m.data, {m.rows, m.columns}, {1, m.stride}, torch::kFloat)
                                   : torch::from_blob(m.data, {m.rows, m.columns}, {m.stride, 1}, torch::kFloat);
  return tensor;
}

void blas_f32(const Matrix& a, const Matrix& b, const Matrix& c, bool accumulate) {
  const torch::NoGradGuard no_grad;
  auto out = as_tensor(c);
  if (accumulate)
    at::addmm_out(out, out, as_tensor(a), as_tensor(b));
  else
    at::mm_out(out, as_tensor(a), as_tensor(b));
  count(Backend::blas);
}

}  // namespace

Matrix::Matrix(float* values, std::int64_t m, std::int64_t n)
    : data(values), type(Precision::f32), rows(m), columns(n), stride(n) {}

Matrix::Matrix(std::uint16_t* values, std::int64_t m, std::int64_t n)
    : data(values), type(Precision::bf16), rows(m), columns(n), stride(n) {}

Matrix::Matrix(const torch::Tensor& tensor)
    : data(tensor.data_ptr()),
      type(tensor.scalar_type() == torch::kFloat ? Precision::f32 : Precision::bf16),
      rows(tensor.size(0)),
      columns(tensor.size(1)),
      stride(std::max(tensor.stride(0), tensor.size(1))) {
  TORCH_INTERNAL_ASSERT(tensor.dim() == 2 && (tensor.stride(1) == 1 || tensor.size(1) == 1));
}

Matrix Matrix::t() const {
  Matrix result = *this;
  std::swap(result.rows, result.columns);
  result.transposed = !transposed;
  return result;
}

Matrix Matrix::slice(std::int64_t first, std::int64_t count) const {
  Matrix result = *this;
  const auto bytes = first * stride * (type == Precision::f32 ? 4 : 2);
  result.data = static_cast<char*>(data) + bytes;
  result.rows = count;
  return result;
}

void multiply(const Matrix& a, const Matrix& b, const Matrix& c, bool accumulate) {
  if (a.type == Precision::bf16) {
    kernel_for(a, b, c, accumulate).run(a.data, b.data, c.data);
    count(Backend::onednn_bf16);
  } else if (f32_backend() == Backend::onednn) {
    onednn_f32(a, b, c, accumulate);
  } else {
    blas_f32(a, b, c, accumulate);
  }
}

struct PackedProduct::Packed {
  Precision type;
  dnnl::memory weights;
};

PackedProduct::PackedProduct(std::int64_t m, const Matrix& b, Precision type) : m_(m), b_(b) {
  if (type == Precision::f32 && f32_backend() == Backend::blas) return;
  Matrix a(static_cast<float*>(nullptr), m, b.rows);
  a.type = type;
  const Matrix c(static_cast<float*>(nullptr), m, b.columns);
  const auto& kernel = kernel_for(a, b, c, /*accumulate=*/false, m);
  packed_ = std::make_unique<Packed>(Packed{type, dnnl::memory(kernel.description.weights_desc(), engine())});
  dnnl::memory source(describe(b), engine(), b.data);
  dnnl::reorder(source, packed_->weights).execute(stream(), source, packed_->weights);
  stream().wait();
}

PackedProduct::~PackedProduct() = default;

void PackedProduct::run(const Matrix& a, const Matrix& c) const {
  if (!packed_) return multiply(a, b_, c);
  kernel_for(a, b_, c, /*accumulate=*/false, m_).run(a.data, packed_->weights.get_data_handle(), c.data);
  count(packed_->type == Precision::f32 ? Backend::onednn_packed : Backend::onednn_bf16_packed);
}

torch::Tensor in_precision(const torch::Tensor& matrix, Precision type) {
  if (type == Precision::f32) return matrix;
  const auto rounded = torch::empty(matrix.sizes(), matrix.options().dtype(torch::kBFloat16));
  const auto rows = matrix.size(0), columns = matrix.size(1), stride = matrix.stride(0);
  const auto* from = matrix.data_ptr<float>();
  auto* to = reinterpret_cast<std::uint16_t*>(rounded.data_ptr<at::BFloat16>());
  if (matrix.is_contiguous()) {
    round_to_bf16(from, to, rows * columns);
  } else {
    for (std::int64_t row = 0; row < rows; ++row) round_to_bf16(from + row * stride, to + row * columns, columns);
  }
  return rounded;
}

Backend f32_backend() { return chosen_backend(); }

void set_f32_backend(Backend backend) { chosen_backend() = backend; }

std::int64_t products(Backend backend) { return made[static_cast<std::size_t>(backend)]; }

}  // namespace klbench::nn
