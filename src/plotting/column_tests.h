#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plotting/group.h"
#include "plotting/pairing.h"

namespace klbench {

/// Level of every test of a table, after Holm's correction.
inline constexpr double kLevel = 0.05;

/// A row's difference to the baseline: row - baseline.
struct BaselineDifference {
  double mean = 0;
  Interval interval;   ///< 95%, of this row alone
  double p_value = 1;  ///< after Holm's correction over the rows
};

/// What one column of a table can say of its rows; indices are those of the groups.
struct ColumnTests {
  std::set<std::size_t> best;       ///< the best mean (rows whose means are equal: all of them), of two rows or more
  std::set<std::size_t> near_best;  ///< rows that cannot be told from the best
  std::vector<std::optional<BaselineDifference>> to_baseline;  ///< nothing for the baseline and what is not compared
  bool compared = false;                    ///< whether any row was compared with the best or the baseline
  std::set<std::size_t> untested_best;      ///< rows with values that are not tested against the best
  std::set<std::size_t> untested_baseline;  ///< or against the baseline (Pairing::no_test_reason)
  std::size_t examples = 0;  ///< by which rows are paired beside seeds, the fewest; 0: some pair by seed alone
  bool by_example = false;   ///< whether any pair is paired by example too
  /// The smallest difference that is found with probability 0.8 at the strictest level that Holm's correction may ask
  /// for: the median over the rows compared with the baseline, without one with the best.
  std::optional<double> detectable;
};

/// Tests of one metric. Against the baseline, p values are adjusted by Holm over the rows. The best row is chosen by
/// the data, and a best of many equal rows is far from some of them by chance: Holm over the rows would find a
/// difference in 8% to 20% of studies without one (5 to 25 rows). Hence over all pairs of rows, of which the choice
/// takes some. `gaps`: rows no further from the best than that cannot be told from it either.
ColumnTests test_column(const std::vector<Group>& groups, const std::string& split, const MetricInfo& metric,
                        std::optional<std::size_t> baseline, const std::vector<double>& gaps);

/// test_column for each of `baselines`; a pair of rows is tested once.
std::vector<ColumnTests> test_column(const std::vector<Group>& groups, const std::string& split,
                                     const MetricInfo& metric, const std::vector<std::optional<std::size_t>>& baselines,
                                     const std::vector<double>& gaps);

}  // namespace klbench
