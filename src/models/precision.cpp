#include "models/precision.h"

#include <atomic>

#include "core/cpu_precision.h"
#include "core/error.h"

namespace klbench::nn {

namespace {

std::atomic<Precision> current_precision{Precision::f32};
std::atomic<bool> use_fused{true};

}  // namespace

void set_precision(const std::string& name) {
  if (name != "f32" && name != "bf16") throw UsageError(unknown_name("precision", name, {"f32", "bf16"}));
  current_precision = name == "bf16" ? Precision::bf16 : Precision::f32;
}

void set_precision_here(const std::string& name) { set_precision(cpu_has_avx512() ? name : "f32"); }

Precision precision() { return current_precision; }

void set_fused(bool fused) { use_fused = fused; }

bool fused() { return use_fused; }

bool runs_fused(const torch::Tensor& x) {
  return fused() && x.is_cpu() && x.scalar_type() == torch::kFloat && x.numel() > 0;
}

torch::ScalarType plain_type(const torch::Tensor& x) {
  const bool rounded = precision() == Precision::bf16 && x.scalar_type() == torch::kFloat && !runs_fused(x);
  return rounded ? torch::kBFloat16 : x.scalar_type();
}

torch::Tensor plain_product(const torch::Tensor& a, const torch::Tensor& b) {
  const auto type = plain_type(a);
  return torch::matmul(a.to(type), b.to(type)).to(a.scalar_type());
}

}  // namespace klbench::nn
