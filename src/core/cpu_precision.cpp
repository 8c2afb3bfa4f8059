#include "core/cpu_precision.h"

#include <oneapi/dnnl/dnnl.hpp>

#include "core/error.h"

namespace klbench {

namespace {

/// oneDNN numbers instruction sets so that a larger one has the bits of those it contains.
bool cpu_has(dnnl::cpu_isa isa) {
  const auto bits = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace

bool cpu_has_avx512() { return cpu_has(dnnl::cpu_isa::avx512_core); }

std::string resolve_precision(const std::string& wanted) {
  if (wanted == "auto") return cpu_has(dnnl::cpu_isa::avx512_core_amx) ? "bf16" : "f32";
  if (wanted != "f32" && wanted != "bf16") throw UsageError(unknown_name("precision", wanted, {"f32", "bf16", "auto"}));
  if (wanted == "bf16" && !cpu_has_avx512())
    throw UsageError("trainer.precision: bf16 needs a CPU with AVX-512; valid here: f32, auto");
  return wanted;
}

}  // namespace klbench
