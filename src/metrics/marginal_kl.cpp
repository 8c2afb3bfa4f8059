#include "metrics/marginal_kl.h"

#include <limits>

#include "metrics/metric.h"

namespace klbench {

double marginal_kl_gaussian(const Posterior& q, const torch::Tensor& z) {
  const auto points = (q.family ? z : q.mu).to(torch::kFloat64);
  const auto mean = points.mean(0);
  const auto centred = points - mean;
  auto covariance = centred.t().matmul(centred) / static_cast<double>(points.size(0));
  if (!q.family) covariance = covariance + torch::diag(q.log_var.to(torch::kFloat64).exp().mean(0));
  const auto [factor, failed] = torch::linalg_cholesky_ex(covariance);
  if (failed.item<int>() != 0) return std::numeric_limits<double>::infinity();
  const auto log_det = 2 * factor.diagonal().log().sum();
  const auto twice = covariance.trace() + mean.dot(mean) - log_det;
  return 0.5 * (twice.item<double>() - static_cast<double>(points.size(1)));
}

double marginal_kl_gap(double kl, double mi) { return kl - mi; }

double marginal_kl_gap_error(const torch::Tensor& kl, const torch::Tensor& mi_terms) {
  return over_examples(kl.to(torch::kFloat64) - mi_terms.mean(0)).error;
}

namespace {

FinalMetric gaussian_hole(const MetricRequest& request) {
  const auto& q = request.pass.decoder_posterior;
  return exact(marginal_kl_gaussian(q, request.pass.z), {"Gaussian with the moments of the aggregated posterior",
                                                         request.split.size(), std::int64_t{q.family ? 1 : 0}});
}

KLBENCH_METRIC(gaussian_hole, {.key = "marginal_kl_gaussian",
                               .summary = "marginal KL of the aggregated moments",
                               .needs = {kNormalPrior},
                               .units = kNats,
                               .better = "lower",
                               .every_epoch = true,
                               .least = 0});

}  // namespace

}  // namespace klbench
