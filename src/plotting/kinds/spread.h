#pragma once

#include <string>
#include <vector>

#include "plotting/figure.h"
#include "statistics/summary.h"

namespace klbench {

/// The 95% band is drawn from this many seeds on; below, every seed is drawn.
inline constexpr std::size_t kSeedsForBand = 5;

/// What is drawn of one value a seed.
struct Spread {
  Summary summary;
  bool is_split = false;  ///< the seeds fall into two groups: their mean and its interval are of no run
  /// The 95% t interval within the metric's range; the mean twice below kSeedsForBand and where the seeds are split.
  double low = 0, high = 0;

  bool has_interval() const { return summary.n >= kSeedsForBand && !is_split; }
};

Spread spread_of(const std::vector<double>& values, const std::string& metric);

/// Whether kSeedsForBand or more values fall into two groups: the gap between them is over 3 times the width of the
/// wider group where it is over half of the largest value (dead seeds beside live ones), else over 8 times; three times
/// that where one value stands alone. Of five normal values of mean 0 one sample in 50 does, of a mean far from 0 one
/// in 300.
bool fall_in_two(std::vector<double> values);

}  // namespace klbench
