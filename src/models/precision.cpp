#include "models/precision.h"

#include <atomic>

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

Precision precision() { return current_precision; }

void set_fused(bool fused) { use_fused = fused; }

bool fused() { return use_fused; }

bool runs_fused(const torch::Tensor& x) {
  return fused() && x.is_cpu() && x.scalar_type() == torch::kFloat && x.numel() > 0;
}

}  // namespace klbench::nn
