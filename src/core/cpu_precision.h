#pragma once

#include <string>

namespace klbench {

/// "auto" -> "bf16" where the CPU multiplies bf16 tiles in hardware (AMX), else "f32"; other names as they are.
/// Throws UsageError for a name that is none of f32, bf16, auto, and for bf16 on a CPU without AVX-512 (oneDNN needs
/// it).
std::string resolve_precision(const std::string& wanted);

/// Whether the CPU, and oneDNN on it, have AVX-512 (with BW, DQ and VL).
bool cpu_has_avx512();

}  // namespace klbench
