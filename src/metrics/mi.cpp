#include "metrics/mi.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "metrics/marginal_kl.h"
#include "metrics/metric.h"

namespace klbench {

namespace {

constexpr std::int64_t kBlockElements = 1 << 17;  // 1 MB of doubles
constexpr double kNearCap = 3;                    // nats

}  // namespace

PairwiseLogQ::PairwiseLogQ(const Posterior& q) : q_(q.to(torch::kFloat64)) {
  if (q_.family) {
    q_ = q_.to(device_of(*q_.family));
    return;
  }
  const auto dims = static_cast<double>(q_.mu.size(1));
  centre_ = q_.mu.mean(0);
  const auto mu = q_.mu - centre_;
  const auto precision = (-q_.log_var).exp();
  const auto constant = -0.5 * ((mu * mu * precision + q_.log_var).sum(1) + dims * std::log(2 * std::numbers::pi));
  features_ = torch::cat({-0.5 * precision, mu * precision, constant.unsqueeze(1)}, 1).t().contiguous();
}

torch::Tensor PairwiseLogQ::operator()(const torch::Tensor& z) const {
  const auto points = z.to(torch::kFloat64);
  if (q_.family) return q_.family->log_q(q_, points.unsqueeze(1).to(q_.mu.device())).cpu();
  const auto x = points - centre_;
  return torch::cat({x * x, x, torch::ones({x.size(0), 1}, x.options())}, 1).matmul(features_);
}

std::int64_t PairwiseLogQ::block_rows() const {
  const auto per_row = q_.family ? q_.mu.numel() : q_.mu.size(0);
  return std::max<std::int64_t>(1, kBlockElements / per_row);
}

torch::Tensor mutual_information_terms(const Posterior& q, const torch::Tensor& z) {
  const PairwiseLogQ log_q(q);
  const std::int64_t n = z.size(1);
  std::vector<torch::Tensor> terms;
  for (const auto& draw : z.unbind(0)) {
    for (std::int64_t begin = 0; begin < n; begin += log_q.block_rows()) {
      auto block = log_q(draw.slice(0, begin, begin + log_q.block_rows()));
      const auto own = block.diagonal(begin).clone();
      const auto top = block.amax(1);
      terms.push_back(own - block.sub_(top.unsqueeze(1)).exp_().sum(1).log_().add_(top));
    }
  }
  return torch::cat(terms).view({z.size(0), n}) + std::log(static_cast<double>(n));
}

bool mi_near_cap(double mi, std::int64_t examples) { return mi > std::log(static_cast<double>(examples)) - kNearCap; }

torch::Tensor mutual_information_batch_terms(const Posterior& q, const torch::Tensor& z,
                                             const std::vector<std::vector<std::int64_t>>& batches) {
  const double log_2_pi_e = std::log(2 * std::numbers::pi) + 1;
  auto terms = torch::empty({z.size(0), z.size(1)}, torch::kFloat64);
  for (const auto& rows : batches) {
    const auto index = torch::tensor(rows);
    const auto part = q.select(index);
    const PairwiseLogQ pairwise(part);
    for (std::int64_t s = 0; s < z.size(0); ++s) {
      const auto log_q = pairwise(z[s].index_select(0, index));
      const auto negative_entropy =
          q.family ? log_q.diagonal() : -0.5 * (part.log_var.to(torch::kFloat64) + log_2_pi_e).sum(1);
      terms[s].index_copy_(0, index,
                           negative_entropy - log_q.logsumexp(1) + std::log(static_cast<double>(rows.size())));
    }
  }
  return terms;
}

namespace {

/// All from the same draws.
FinalMetrics information(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto& q = pass.decoder_posterior;
  const auto n = split.size(), samples = draws.size(0);
  const double cap = std::log(static_cast<double>(n));
  const auto terms = mutual_information_terms(q, draws);
  const auto mi = over_draws(terms);
  const bool near_cap = mi_near_cap(mi.value, n);
  FinalMetrics metrics;
  metrics["mi"] = scalar(mi, {"aggregated posterior over the split, own component kept",
                              n,
                              samples,
                              kOverDraws,
                              {{"cap", cap}, {"mi_near_cap", near_cap}}});
  const auto batch = std::min(options.batch_size, n);
  const auto batches = length_batches(split, options.batch_size);
  metrics["mi_batch"] = scalar(over_draws(mutual_information_batch_terms(q, draws, batches)),
                               {"aggregated posterior over each batch of neighbouring lengths, analytic entropy",
                                n,
                                samples,
                                kOverDraws,
                                {{"batch_size", batch}, {"cap", std::log(static_cast<double>(batch))}}});
  MetricSource of_gap{"kl - mi", n, samples, kOverDraws, {{"mi_near_cap", near_cap}}};
  const auto kl = pass.kl_dim.to(torch::kFloat64).mean(0).sum().item<double>();
  Estimate gap{marginal_kl_gap(kl, mi.value), mi.error};
  if (!model->closed_form_kl()) {
    gap.error = marginal_kl_gap_error(pass.kl_dim.sum(1), terms);
    of_gap.error_over = kOverExamples;
  }
  metrics["marginal_kl_gap"] = scalar(gap, of_gap);
  return metrics;
}

KLBENCH_METRICS(information, {{.key = "mi",
                               .summary = "mutual information",
                               .needs = {kScoredLatent},
                               .units = kNats,
                               .better = "higher",
                               .head = "MI",
                               .every_epoch = true,
                               .least = 0},
                              {.key = "mi_batch",
                               .summary = "mutual information per minibatch",
                               .needs = {kScoredLatent},
                               .units = kNats,
                               .better = "higher",
                               .head = "MI (batch)",
                               .every_epoch = true,
                               .least = 0},
                              {.key = "marginal_kl_gap",
                               .summary = "marginal KL as kl - mi",
                               .needs = {kScoredLatent},
                               .units = kNats,
                               .better = "lower",
                               .head = "KL − MI",
                               .every_epoch = true}});

}  // namespace

}  // namespace klbench
