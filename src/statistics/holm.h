#pragma once

#include <vector>

namespace klbench {

/// Holm's step-down adjustment (Scand. J. Statist. 1979) of a family of p values, in the order given:
/// with p sorted upwards, adjusted_(i) = max_{j <= i} min(1, (m - j + 1) p_(j)), j from 1.
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace klbench
