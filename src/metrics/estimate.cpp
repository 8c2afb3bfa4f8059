#include "metrics/estimate.h"

#include <cmath>

namespace klbench {

Estimate over_draws(const torch::Tensor& terms) {
  const auto exact = terms.to(torch::kFloat64);
  const auto draws = exact.size(0);
  Estimate estimate{.value = exact.mean().item<double>()};
  if (draws < 2) return estimate;
  const double variance = exact.var(0, /*unbiased=*/true).sum().item<double>() / static_cast<double>(draws);
  estimate.error = std::sqrt(variance) / static_cast<double>(exact.size(1));
  return estimate;
}

Estimate over_examples(const torch::Tensor& terms) {
  const auto exact = terms.to(torch::kFloat64);
  Estimate estimate{.value = exact.mean().item<double>()};
  if (exact.numel() < 2) return estimate;
  estimate.error = exact.std().item<double>() / std::sqrt(static_cast<double>(exact.numel()));
  return estimate;
}

Estimate jackknife(double value, const std::vector<double>& without_each) {
  const auto n = static_cast<double>(without_each.size());
  Estimate estimate{.value = value};
  if (n < 2) return estimate;
  const auto terms = torch::tensor(without_each, torch::kFloat64);
  estimate.error = std::sqrt((n - 1) / n * (terms - terms.mean()).square().sum().item<double>());
  return estimate;
}

Estimate mean_of(const torch::Tensor& values, const torch::Tensor& errors) {
  const double total = errors.to(torch::kFloat64).square().sum().item<double>();
  return {values.to(torch::kFloat64).mean().item<double>(), std::sqrt(total) / static_cast<double>(values.numel())};
}

Estimate share_of(double share, std::int64_t examples) {
  return {share, std::sqrt(share * (1 - share) / static_cast<double>(examples))};
}

}  // namespace klbench
