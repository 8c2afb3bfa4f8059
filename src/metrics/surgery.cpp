#include "metrics/surgery.h"

#include <cmath>
#include <numbers>

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

}  // namespace klbench
