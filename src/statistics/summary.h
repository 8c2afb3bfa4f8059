#pragma once

#include <cstddef>
#include <vector>

namespace klbench {

/// Mean, sample standard deviation (n - 1; 0 for n < 2) and half width of the two-sided 95% interval of the mean,
/// t_{0.975, n-1} sd / sqrt(n) (0 for n < 2).
struct Summary {
  std::size_t n = 0;
  double mean = 0;
  double sd = 0;
  double half_width = 0;
};

/// Throws Error for an empty sample.
Summary summarise(const std::vector<double>& values);

}  // namespace klbench
