#pragma once

#include <torch/torch.h>

#include <limits>
#include <vector>

namespace klbench {

/// A mean with its standard error; NaN where that is not known.
struct Estimate {
  double value = 0;
  double error = std::numeric_limits<double>::quiet_NaN();
};

/// Mean of terms [S, N] of S draws for each of N examples, with the error that the draws leave for these very examples:
///   error^2 = 1/N^2 sum_i s_i^2 / S,  s_i^2 the variance of example i's terms over its draws.
/// Draws must be independent, of examples too. One draw leaves the error unknown.
Estimate over_draws(const torch::Tensor& terms);

/// Mean of terms [N], one an example, with the error that the choice of the examples leaves (their draws included):
/// their standard deviation / sqrt(N). Unknown for one example.
Estimate over_examples(const torch::Tensor& terms);

/// `value` of n examples with the jackknife's error that their choice leaves, for values that are no means (Tukey
/// 1958):
///   error^2 = (n - 1) / n sum_i (v_i - mean v)^2,  v_i the value without example i. Unknown for fewer than two.
Estimate jackknife(double value, const std::vector<double>& without_each);

/// Mean of n numbers that have independent standard errors [n]: error^2 = 1/n^2 sum_i error_i^2.
Estimate mean_of(const torch::Tensor& values, const torch::Tensor& errors);

/// A share of `examples` independent ones, with error sqrt(share (1 - share) / examples).
Estimate share_of(double share, std::int64_t examples);

}  // namespace klbench
