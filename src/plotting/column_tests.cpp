#include "plotting/column_tests.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "statistics/holm.h"
#include "statistics/summary.h"

namespace klbench {

namespace {

/// Mean of every row that has values.
std::vector<std::optional<double>> means_of(const std::vector<Group>& groups, const std::string& split,
                                            const std::string& metric) {
  std::vector<std::optional<double>> means;
  for (const auto& group : groups) {
    const auto values = values_of(final_by_seed(group, split, metric));
    means.push_back(values.empty() ? std::nullopt : std::optional(summarise(values).mean));
  }
  return means;
}

std::set<std::size_t> best_of(const std::vector<std::optional<double>>& means, bool higher_is_better) {
  std::set<std::size_t> best;
  double best_mean = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (!means[i]) continue;
    const bool better = best.empty() || (higher_is_better ? *means[i] > best_mean : *means[i] < best_mean);
    if (!better && *means[i] != best_mean) continue;
    if (better) best.clear();
    best.insert(i);
    best_mean = *means[i];
  }
  return best;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Two rows of a column, compared.
struct Pair {
  std::optional<Difference> difference;  ///< as Pairing's
  std::size_t examples = 0;
  double p_value = 1;
  std::map<double, double> detectable{};  ///< by level

  double detectable_at(double level) {
    const auto [found, is_new] = detectable.try_emplace(level, 0.0);
    if (is_new) found->second = difference->detectable(level);
    return found->second;
  }
};

/// The pairs of rows of one column, each compared when it is first asked for.
class Pairs {
 public:
  Pairs(const std::vector<Group>& groups, const std::string& split, const MetricInfo& metric)
      : metric_(metric), means_(means_of(groups, split, metric.name)) {
    for (const auto& group : groups) rows_.emplace_back(group, split, metric.name);
    pairs_.resize(rows_.size() * rows_.size() / 2);
  }

  const MetricInfo& metric() const { return metric_; }
  const std::vector<std::optional<double>>& means() const { return means_; }

  /// Rows i < j: i - j.
  Pair& of(std::size_t i, std::size_t j) {
    std::optional<Pair>& pair = pairs_[j * (j - 1) / 2 + i];
    if (pair) return *pair;
    const Pairing pairing = pair_rows(rows_[i], rows_[j]);
    pair.emplace(pairing.difference, pairing.examples);
    if (pair->difference) pair->p_value = pair->difference->p_value();
    return *pair;
  }

 private:
  const MetricInfo& metric_;
  std::vector<std::optional<double>> means_;
  std::vector<PairableRow> rows_;
  std::vector<std::optional<Pair>> pairs_;  ///< of rows i < j at j (j - 1) / 2 + i
};

/// row - baseline, where `pair` is of these rows in the order of the table.
BaselineDifference difference_of(const Pair& pair, bool row_first, double adjusted) {
  const Difference& difference = *pair.difference;
  const Interval interval = difference.interval();
  if (row_first) return {difference.mean(), interval, adjusted};
  return {-difference.mean(), {-interval.high, -interval.low}, adjusted};
}

/// One column under way.
class Column {
 public:
  explicit Column(Pairs& pairs) : pairs_(pairs), means_(pairs.means()) { tests_.to_baseline.resize(means_.size()); }

  ColumnTests run(std::optional<std::size_t> baseline, const std::vector<double>& gaps) {
    if (baseline && !means_[*baseline]) baseline.reset();
    if (baseline) compare_with_baseline(*baseline);
    if (pairs_.metric().has_direction) compare_with_best(gaps, !baseline);
    return std::move(tests_);
  }

 private:
  Pair& paired(std::size_t i, std::size_t j) {
    Pair& pair = pairs_.of(std::min(i, j), std::max(i, j));
    if (!pair.difference) return pair;
    const std::size_t examples = pair.examples;
    tests_.examples = tests_.compared ? std::min(tests_.examples, examples) : examples;
    tests_.by_example = tests_.by_example || examples > 0;
    tests_.compared = true;
    return pair;
  }

  void set_detectable(const std::vector<Pair*>& pairs, std::size_t family) {
    if (pairs.empty()) return;
    std::vector<double> smallest;
    for (Pair* pair : pairs) smallest.push_back(pair->detectable_at(kLevel / static_cast<double>(family)));
    tests_.detectable = median(smallest);
  }

  void compare_with_baseline(std::size_t baseline) {
    std::vector<std::size_t> rows;
    std::vector<double> p_values;
    std::vector<Pair*> pairs;
    for (std::size_t i = 0; i < means_.size(); ++i) {
      if (i == baseline || !means_[i]) continue;
      Pair& pair = paired(i, baseline);
      if (!pair.difference) {
        tests_.untested_baseline.insert(i);
        continue;
      }
      rows.push_back(i);
      p_values.push_back(pair.p_value);
      pairs.push_back(&pair);
    }
    const auto adjusted = holm(p_values);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      tests_.to_baseline[rows[k]] = difference_of(*pairs[k], rows[k] < baseline, adjusted[k]);
    }
    set_detectable(pairs, pairs.size());
  }

  void compare_with_best(const std::vector<double>& gaps, bool says_detectable) {
    const auto known = std::count_if(means_.begin(), means_.end(), [](const auto& mean) { return mean.has_value(); });
    if (known < 2) return;  // one row is no best one
    tests_.best = best_of(means_, pairs_.metric().higher_is_better);
    const std::size_t best = *tests_.best.begin();
    std::vector<std::size_t>
        rivals;  // of each pair: the row that is compared with the best, or `best` for no such pair
    std::vector<double> p_values;
    std::vector<bool> better;  // than the best, on the seeds that the two share
    std::vector<Pair*> with_best;
    for (std::size_t i = 0; i < means_.size(); ++i) {
      for (std::size_t j = i + 1; j < means_.size(); ++j) {
        if (!means_[i] || !means_[j]) continue;
        Pair& pair = paired(i, j);
        const std::size_t rival = i == best ? j : j == best ? i : best;
        if (!pair.difference) {
          if (rival != best) tests_.untested_best.insert(rival);
          continue;
        }
        rivals.push_back(rival);
        p_values.push_back(pair.p_value);
        better.push_back((pair.difference->mean() > 0) == (pairs_.metric().higher_is_better == (i == rival)));
        if (rival != best) with_best.push_back(&pair);
      }
    }
    const auto adjusted = holm(p_values);
    for (std::size_t k = 0; k < rivals.size(); ++k) {
      const std::size_t rival = rivals[k];
      if (rival == best || tests_.best.contains(rival)) continue;
      const double distance = std::abs(*means_[rival] - *means_[best]);
      if (adjusted[k] > kLevel || better[k] || distance <= gaps[rival]) tests_.near_best.insert(rival);
    }
    if (says_detectable) set_detectable(with_best, p_values.size());
  }

  Pairs& pairs_;
  const std::vector<std::optional<double>>& means_;
  ColumnTests tests_;
};

}  // namespace

std::vector<ColumnTests> test_column(const std::vector<Group>& groups, const std::string& split,
                                     const MetricInfo& metric, const std::vector<std::optional<std::size_t>>& baselines,
                                     const std::vector<double>& gaps) {
  Pairs pairs(groups, split, metric);
  std::vector<ColumnTests> tests;
  for (const auto& baseline : baselines) tests.push_back(Column(pairs).run(baseline, gaps));
  return tests;
}

ColumnTests test_column(const std::vector<Group>& groups, const std::string& split, const MetricInfo& metric,
                        std::optional<std::size_t> baseline, const std::vector<double>& gaps) {
  return test_column(groups, split, metric, std::vector{baseline}, gaps)[0];
}

}  // namespace klbench
