#include "metrics/swap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/rng.h"
#include "metrics/decoder_use.h"
#include "metrics/metric.h"

namespace klbench {

std::vector<std::int64_t> length_derangement(const std::vector<std::int64_t>& lengths, std::uint64_t seed) {
  const auto n = lengths.size();
  if (n < 2) return {};
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(derive_seed(seed, "swap"));
  shuffle(order, rng);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return lengths[a] < lengths[b]; });
  std::vector<std::int64_t> partner(n);
  for (std::size_t begin = 0; begin < n;) {
    auto end = begin + 2;  // a cycle of one length, or of two neighbours where a length stands alone
    while (end < n && (lengths[order[end]] == lengths[order[end - 1]] || n - end == 1)) ++end;
    for (auto i = begin; i < end; ++i) {
      partner[order[i]] = static_cast<std::int64_t>(order[i + 1 < end ? i + 1 : begin]);
    }
    begin = end;
  }
  return partner;
}

Estimate swap_gap(const torch::Tensor& rec_swapped, const torch::Tensor& rec) {
  return over_examples(rec_swapped.to(torch::kFloat64) - rec.to(torch::kFloat64));
}

DecoderUse decoder_use(const torch::Tensor& rec_swapped, const torch::Tensor& rec) {
  const auto rise = rec_swapped.to(torch::kFloat64) - rec.to(torch::kFloat64);
  DecoderUse use;
  use.gap = rise.mean(1);
  use.error = rise.std(1) / std::sqrt(static_cast<double>(rise.size(1)));
  use.active = (use.gap.gt(0.01) & use.gap.gt(3 * use.error)).sum().item<std::int64_t>();
  return use;
}

namespace {

FinalMetric swapped_loss(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto partner = torch::tensor(swap_partners(split, fixed_subset(split.size(), 0), options.seed));
  const auto swapped = reconstruct_over(model, split, pass.z.index_select(0, partner), options);
  return scalar(swap_gap(swapped, pass.rec), {kSwapped, split.size(), 1});
}

KLBENCH_METRIC(swapped_loss, {.key = "swap_gap",
                              .summary = "loss of reconstruction with a swapped z",
                              .needs = {kTwoExamples},
                              .units = kNats,
                              .better = "higher",
                              .every_epoch = true});

}  // namespace

}  // namespace klbench
