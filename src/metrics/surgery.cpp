#include "metrics/surgery.h"

#include <cmath>
#include <numbers>

#include "metrics/metric.h"
#include "metrics/mi.h"

namespace klbench {

SurgeryTerms surgery(const Posterior& q, const torch::Tensor& z) {
  const auto points = z.to(torch::kFloat64);
  const double log_n = std::log(static_cast<double>(q.mu.size(0)));
  const auto aggregated = [&](const Posterior& of, const torch::Tensor& at) {
    const PairwiseLogQ log_q(of);
    std::vector<torch::Tensor> blocks;
    for (std::int64_t begin = 0; begin < at.size(0); begin += log_q.block_rows())
      blocks.push_back(log_q(at.slice(0, begin, begin + log_q.block_rows())).logsumexp(1) - log_n);
    return torch::cat(blocks);
  };
  auto margins = torch::zeros({points.size(0)}, torch::kFloat64);
  for (std::int64_t j = 0; j < points.size(1); ++j) {
    const Posterior one{q.mu.slice(1, j, j + 1), q.log_var.slice(1, j, j + 1)};
    margins += aggregated(one, points.slice(1, j, j + 1));
  }
  return {aggregated(q, points) - margins, margins - log_prior(points)};
}

namespace {

constexpr std::int64_t kSurgeryCap = 2000;

FinalMetrics parts_of_kl(const MetricRequest& request) {
  const auto rows = torch::tensor(fixed_subset(request.split.size(), kSurgeryCap));
  const auto found = surgery(request.pass.decoder_posterior.select(rows), request.pass.z.index_select(0, rows));
  const MetricSource source{
      "aggregated posterior over the examples", rows.size(0), 1, kOverExamples, {{"examples_cap", kSurgeryCap}}};
  return {{"total_correlation", scalar(over_examples(found.total_correlation), source)},
          {"dimension_kl", scalar(over_examples(found.dimension_kl), source)}};
}

KLBENCH_METRICS(parts_of_kl, {{.key = "total_correlation",
                               .summary = "total correlation of the aggregated posterior",
                               .needs = {kStandardLatent},
                               .units = kNats,
                               .better = "lower",
                               .head = "Total corr.",
                               .least = 0},
                              {.key = "dimension_kl",
                               .summary = "KL of the aggregated posterior's dimensions, summed",
                               .needs = {kStandardLatent},
                               .units = kNats,
                               .better = "lower",
                               .head = "Dim. KL",
                               .least = 0}});

}  // namespace

}  // namespace klbench
