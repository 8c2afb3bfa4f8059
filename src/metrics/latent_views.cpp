#include "metrics/latent_views.h"

#include <fmt/format.h>

#include <numbers>

#include "core/error.h"
#include "metrics/to_vector.h"

namespace klbench {

namespace {

constexpr std::size_t kLongestNames = 4096;

// Steps of what is drawn: finer than a pixel, and a third of the bytes. Powers of 2, so that rounding is exact.
constexpr double kDensityStep = 1.0 / 4096, kPointStep = 1.0 / 256;

/// Share of mass in each bin for one dimension, [bins]; mu and sigma [N].
torch::Tensor gaussian_mass(const torch::Tensor& mu, const torch::Tensor& sigma, const torch::Tensor& edges) {
  const auto standardised = (edges.unsqueeze(1) - mu) / (sigma * std::numbers::sqrt2);
  return (0.5 * torch::erf(standardised)).mean(1).diff();
}

}  // namespace

FinalMetric posterior_histogram(const Posterior& q, const torch::Tensor& z, std::int64_t bins, double low,
                                double high) {
  const auto edges = torch::linspace(low, high, bins + 1, torch::kFloat64);
  const double width = (high - low) / static_cast<double>(bins);
  const auto mu = q.mu.to(torch::kFloat64);
  const auto sigma = (0.5 * q.log_var.to(torch::kFloat64)).exp();
  const auto points = z.to(torch::kFloat64);
  const auto count = static_cast<double>(z.size(0));
  std::vector<torch::Tensor> density;
  for (std::int64_t j = 0; j < z.size(1); ++j) {
    const auto mass = q.family ? torch::histc(points.select(1, j), bins, low, high) / count
                               : gaussian_mass(mu.select(1, j), sigma.select(1, j), edges);
    density.push_back(mass / width);
  }
  return {to_vector(rounded(torch::cat(density), kDensityStep)),
          {{"estimator", std::string(q.family ? "histogram of one z per x" : "mean of the Gaussian masses")},
           {"examples", z.size(0)},
           {"samples", std::int64_t{q.family ? 1 : 0}},
           {"dims", z.size(1)},
           {"bins", bins},
           {"low", low},
           {"high", high}}};
}

FinalMetric latent_points(const torch::Tensor& mu, const torch::Tensor& kl_dim, const std::vector<std::int32_t>& labels,
                          const std::vector<std::int64_t>& rows) {
  const bool factorised = kl_dim.size(1) == mu.size(1);
  const auto weight = factorised ? kl_dim.to(torch::kFloat64).mean(0) : mu.to(torch::kFloat64).var(0, false);
  const auto by_kl = weight.argsort(0, /*descending=*/true);
  const auto a = by_kl[0].item<std::int64_t>();
  const auto b = by_kl[by_kl.size(0) > 1 ? 1 : 0].item<std::int64_t>();
  const auto points = rounded(mu.to(torch::kFloat64).index_select(1, torch::tensor({a, b})), kPointStep).contiguous();
  const auto at = points.accessor<double, 2>();
  FinalMetric metric;
  for (const auto row : rows) {
    const double label = labels.empty() ? -1 : labels[static_cast<std::size_t>(row)];
    metric.values.insert(metric.values.end(), {at[row][0], at[row][1], label});
  }
  metric.attributes = {{"estimator", fmt::format("mu of the two dimensions with the largest {}, with the label",
                                                 factorised ? "KL" : "variance")},
                       {"points", static_cast<std::int64_t>(rows.size())},
                       {"examples", mu.size(0)},
                       {"samples", std::int64_t{0}},
                       {"dim_a", a},
                       {"dim_b", b}};
  return metric;
}

void name_labels(FinalMetrics& metrics, const std::vector<std::string>& names) {
  std::string lines;
  for (const auto& name : names) lines += one_line(name) + "\n";
  const auto points = metrics.find("latent_points");
  if (points == metrics.end() || lines.empty() || lines.size() > kLongestNames) return;
  points->second.attributes["label_names"] = lines;
}

}  // namespace klbench
