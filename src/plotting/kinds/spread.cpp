#include "plotting/kinds/spread.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace klbench {

bool fall_in_two(std::vector<double> values) {
  if (values.size() < kSeedsForBand) return false;
  std::sort(values.begin(), values.end());
  std::size_t first = 1;  // of the upper group
  for (std::size_t i = 2; i < values.size(); ++i) {
    if (values[i] - values[i - 1] > values[first] - values[first - 1]) first = i;
  }
  const double gap = values[first] - values[first - 1];
  const double wider = std::max(values[first - 1] - values.front(), values.back() - values[first]);
  const bool alone = first == 1 || first + 1 == values.size();
  const bool far = gap > 0.5 * std::max(std::abs(values.front()), std::abs(values.back()));
  return gap > (far ? 3 : 8) * (alone ? 3 : 1) * wider && gap > 0;
}

Range natural_range(const std::string& metric) {
  static const std::set<std::string> positive = {"kl",
                                                 "kl_penalised",
                                                 "mi",
                                                 "mi_batch",
                                                 "marginal_kl_gaussian",
                                                 "total_correlation",
                                                 "dimension_kl",
                                                 "ppl",
                                                 "reverse_ppl",
                                                 "forward_ppl",
                                                 "au",
                                                 "decoder_au",
                                                 "kl_dim",
                                                 "mu_var",
                                                 "nll_ess",
                                                 "train_seconds",
                                                 "sigma2_mean"};
  static const std::set<std::string> shares = {"distinct_1", "distinct_2", "self_bleu", "bleu"};
  for (const std::string suffix : {"_last", "_running"}) {
    if (metric.ends_with(suffix)) return natural_range(metric.substr(0, metric.size() - suffix.size()));
  }
  if (shares.contains(metric) || metric.starts_with("probe_accuracy")) return {0, 1};
  return {positive.contains(metric) ? 0 : -HUGE_VAL, HUGE_VAL};
}

Spread spread_of(const std::vector<double>& values, const std::string& metric) {
  Spread spread;
  spread.summary = summarise(values);
  spread.is_split = fall_in_two(values);
  spread.low = spread.high = spread.summary.mean;
  if (!spread.has_interval()) return spread;
  const Range range = natural_range(metric);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  spread.low = std::max(spread.summary.mean - spread.summary.half_width, std::min(range.low, *least));
  spread.high = std::min(spread.summary.mean + spread.summary.half_width, std::max(range.high, *most));
  return spread;
}

}  // namespace klbench
