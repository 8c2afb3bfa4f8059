#include "plotting/column_tests.h"

#include <algorithm>
#include <cmath>

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

/// One column under way.
class Column {
 public:
  Column(const std::vector<Group>& groups, const std::string& split, const MetricInfo& metric)
      : metric_(metric), means_(means_of(groups, split, metric.name)) {
    tests_.to_baseline.resize(groups.size());
    for (const auto& group : groups) rows_.emplace_back(group, split, metric.name);
  }

  ColumnTests run(std::optional<std::size_t> baseline, const std::vector<double>& gaps) {
    if (baseline && !means_[*baseline]) baseline.reset();
    if (baseline) compare_with_baseline(*baseline);
    if (metric_.has_direction) compare_with_best(gaps, !baseline);
    return std::move(tests_);
  }

 private:
  Pairing paired(std::size_t i, std::size_t j) {
    Pairing pairing = pair_rows(rows_[i], rows_[j]);
    if (!pairing.difference) return pairing;
    const std::size_t examples = pairing.examples;
    tests_.examples = tests_.compared ? std::min(tests_.examples, examples) : examples;
    tests_.by_example = tests_.by_example || examples > 0;
    tests_.compared = true;
    return pairing;
  }

  void set_detectable(const std::vector<Difference>& differences, std::size_t family) {
    if (differences.empty()) return;
    std::vector<double> smallest;
    for (const auto& difference : differences) {
      smallest.push_back(difference.detectable(kLevel / static_cast<double>(family)));
    }
    tests_.detectable = median(smallest);
  }

  void compare_with_baseline(std::size_t baseline) {
    std::vector<std::size_t> rows;
    std::vector<double> p_values;
    std::vector<Difference> differences;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i == baseline || !means_[i]) continue;
      const Pairing pairing = paired(i, baseline);
      if (!pairing.difference) {
        ++tests_.untested;
        continue;
      }
      rows.push_back(i);
      p_values.push_back(pairing.difference->p_value());
      differences.push_back(*pairing.difference);
    }
    const auto adjusted = holm(p_values);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      tests_.to_baseline[rows[k]] = {differences[k].mean(), differences[k].interval(), adjusted[k]};
    }
    set_detectable(differences, differences.size());
  }

  void compare_with_best(const std::vector<double>& gaps, bool says_detectable) {
    tests_.best = best_of(means_, metric_.higher_is_better);
    if (tests_.best.empty()) return;
    const std::size_t best = *tests_.best.begin();
    std::vector<std::size_t>
        rivals;  // of each pair: the row that is compared with the best, or `best` for no such pair
    std::vector<double> p_values;
    std::vector<Difference> differences;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (std::size_t j = i + 1; j < rows_.size(); ++j) {
        if (!means_[i] || !means_[j]) continue;
        const Pairing pairing = paired(i, j);
        const std::size_t rival = i == best ? j : j == best ? i : best;
        if (!pairing.difference) {
          tests_.untested += rival != best;
          continue;
        }
        rivals.push_back(rival);
        p_values.push_back(pairing.difference->p_value());
        if (rival != best) differences.push_back(*pairing.difference);
      }
    }
    const auto adjusted = holm(p_values);
    for (std::size_t k = 0; k < rivals.size(); ++k) {
      const std::size_t rival = rivals[k];
      if (rival == best || tests_.best.contains(rival)) continue;
      const double distance = std::abs(*means_[rival] - *means_[best]);
      if (adjusted[k] > kLevel || distance <= gaps[rival]) tests_.near_best.insert(rival);
    }
    if (says_detectable) set_detectable(differences, p_values.size());
  }

  const MetricInfo& metric_;
  std::vector<std::optional<double>> means_;
  std::vector<PairableRow> rows_;
  ColumnTests tests_;
};

}  // namespace

ColumnTests test_column(const std::vector<Group>& groups, const std::string& split, const MetricInfo& metric,
                        std::optional<std::size_t> baseline, const std::vector<double>& gaps) {
  return Column(groups, split, metric).run(baseline, gaps);
}

}  // namespace klbench
