#include "metrics/mi.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace klbench {

namespace {

constexpr std::int64_t kBlockElements = 1 << 17;  // 1 MB of doubles

Posterior in_double(const Posterior& q) { return {q.mu.to(torch::kFloat64), q.log_var.to(torch::kFloat64), q.family}; }

}  // namespace

PairwiseLogQ::PairwiseLogQ(const Posterior& q) : q_(in_double(q)) {
  if (q_.family) return;
  const auto dims = static_cast<double>(q_.mu.size(1));
  centre_ = q_.mu.mean(0);
  const auto mu = q_.mu - centre_;
  const auto precision = (-q_.log_var).exp();
  const auto constant = -0.5 * ((mu * mu * precision + q_.log_var).sum(1) + dims * std::log(2 * std::numbers::pi));
  features_ = torch::cat({-0.5 * precision, mu * precision, constant.unsqueeze(1)}, 1).t().contiguous();
}

torch::Tensor PairwiseLogQ::operator()(const torch::Tensor& z) const {
  const auto points = z.to(torch::kFloat64);
  if (q_.family) return q_.family->log_q(q_, points.unsqueeze(1));
  const auto x = points - centre_;
  return torch::cat({x * x, x, torch::ones({x.size(0), 1}, x.options())}, 1).matmul(features_);
}

std::int64_t PairwiseLogQ::block_rows() const {
  const auto per_row = q_.family ? q_.mu.numel() : q_.mu.size(0);
  return std::max<std::int64_t>(1, kBlockElements / per_row);
}

double mutual_information(const Posterior& q, const torch::Tensor& z) {
  const PairwiseLogQ log_q(q);
  const std::int64_t n = z.size(0);
  double sum = 0;
  for (std::int64_t begin = 0; begin < n; begin += log_q.block_rows()) {
    auto block = log_q(z.slice(0, begin, begin + log_q.block_rows()));
    const auto own = block.diagonal(begin).clone();
    const auto top = block.amax(1);
    const auto aggregated = block.sub_(top.unsqueeze(1)).exp_().sum(1).log_().add_(top);
    sum += (own - aggregated).sum().item<double>();
  }
  return sum / static_cast<double>(n) + std::log(static_cast<double>(n));
}

bool mi_near_cap(double mi, std::int64_t examples) { return mi > std::log(static_cast<double>(examples)) - 1; }

double mutual_information_batch(const Posterior& q, const torch::Tensor& z,
                                const std::vector<std::vector<std::int64_t>>& batches) {
  const double log_2_pi_e = std::log(2 * std::numbers::pi) + 1;
  double sum = 0;
  for (const auto& rows : batches) {
    const auto index = torch::tensor(rows);
    const Posterior part{q.mu.index_select(0, index), q.log_var.index_select(0, index), q.family};
    const auto log_q = PairwiseLogQ(part)(z.index_select(0, index));
    const auto negative_entropy =
        q.family ? log_q.diagonal() : -0.5 * (part.log_var.to(torch::kFloat64) + log_2_pi_e).sum(1);
    sum += (negative_entropy - log_q.logsumexp(1)).sum().item<double>();
    sum += static_cast<double>(rows.size()) * std::log(static_cast<double>(rows.size()));
  }
  return sum / static_cast<double>(z.size(0));
}

}  // namespace klbench
