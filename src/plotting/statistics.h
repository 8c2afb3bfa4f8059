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

/// Two-sided p value of Student's paired t-test that mean(a - b) = 0. Constant differences have no spread: 1 where they
/// are 0, else 0. Throws Error unless both have the same size of at least 2.
double paired_t_test(const std::vector<double>& a, const std::vector<double>& b);

/// Holm's step-down adjustment (Scand. J. Statist. 1979) of a family of p values, in the order given:
/// with p sorted upwards, adjusted_(i) = max_{j <= i} min(1, (m - j + 1) p_(j)), j from 1.
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace klbench
