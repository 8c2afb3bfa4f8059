#include "plotting/kinds/spread.h"

#include <algorithm>
#include <cmath>

#include "storage/records.h"

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

Spread spread_of(const std::vector<double>& values, const std::string& metric) {
  Spread spread;
  spread.summary = summarise(values);
  spread.is_split = fall_in_two(values);
  spread.low = spread.high = spread.summary.mean;
  if (!spread.has_interval()) return spread;
  const MetricInfo range = metric_info(metric);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  spread.low = std::max(spread.summary.mean - spread.summary.half_width, std::min(range.least, *least));
  spread.high = std::min(spread.summary.mean + spread.summary.half_width, std::max(range.most, *most));
  return spread;
}

}  // namespace klbench
