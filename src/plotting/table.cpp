#include "plotting/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "plotting/estimates.h"

namespace klbench {

namespace {

constexpr double kLevel = 0.05;
constexpr std::size_t kHeadlineSeeds = 5;

using Column = std::vector<std::map<std::int64_t, double>>;  // a row's values by seed

struct Shared {
  std::vector<double> a;
  std::vector<double> b;
};

Shared shared_seeds(const std::map<std::int64_t, double>& a, const std::map<std::int64_t, double>& b) {
  Shared shared;
  for (const auto& [seed, value] : a) {
    const auto other = b.find(seed);
    if (other == b.end()) continue;
    shared.a.push_back(value);
    shared.b.push_back(other->second);
  }
  return shared;
}

std::size_t best_row(const Column& column, bool higher_is_better) {
  std::size_t best = column.size();
  double best_mean = 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (column[i].empty()) continue;
    const double mean = summarise(values_of(column[i])).mean;
    if (best == column.size() || (higher_is_better ? mean > best_mean : mean < best_mean)) {
      best = i;
      best_mean = mean;
    }
  }
  return best;
}

/// Rows that cannot be told from the best, by their seeds or because their mean is off by no more than `gaps` from it;
/// empty where no row shares enough seeds with it. `untested` counts the others.
std::set<std::size_t> undistinguished(const Column& column, bool higher_is_better, const std::vector<double>& gaps,
                                      std::size_t& untested) {
  const std::size_t best = best_row(column, higher_is_better);
  if (best == column.size()) return {};
  std::vector<std::size_t> tested;
  std::vector<double> p_values;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (i == best || column[i].empty()) continue;
    const Shared shared = shared_seeds(column[best], column[i]);
    if (shared.a.size() < kSeedsForTest) {
      ++untested;
      continue;
    }
    tested.push_back(i);
    p_values.push_back(paired_t_test(shared.a, shared.b));
  }
  if (tested.empty()) return {};
  std::set<std::size_t> same = {best};
  const auto adjusted = holm(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    const Shared shared = shared_seeds(column[best], column[tested[i]]);
    const double difference = std::abs(summarise(shared.a).mean - summarise(shared.b).mean);
    if (adjusted[i] > kLevel || difference <= gaps[tested[i]]) same.insert(tested[i]);
  }
  return same;
}

/// Enough decimals for the spread of a column to be read.
int decimals_of(const Column& column) {
  double largest = 0;
  for (const auto& row : column) {
    for (const auto& [seed, value] : row) largest = std::max(largest, std::abs(value));
  }
  if (largest >= 1000) return 1;
  return largest >= 1 || largest == 0 ? 2 : largest >= 0.1 ? 3 : 4;
}

std::string join(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string seeds_footer(const Table& table) {
  std::set<std::size_t> counts;
  for (const auto& row : table.rows) {
    if (row.seeds > 0) counts.insert(row.seeds);
  }
  if (counts.empty()) return "No finished cell.";
  const std::size_t few = *counts.begin();
  const std::size_t many = *counts.rbegin();
  std::string text = few == many ? fmt::format("{} seed{} a row", few, few == 1 ? "" : "s")
                                 : fmt::format("{} to {} seeds a row", few, many);
  if (many > 1) text = "Mean ± standard deviation over seeds; " + text;
  text[0] = static_cast<char>(std::toupper(text[0]));
  if (few < kHeadlineSeeds) text += fmt::format(" (a headline table wants {} or more)", kHeadlineSeeds);
  return text + ".";
}

std::string bold_footer(std::size_t directed, const std::set<std::string>& untested, bool any_bold) {
  if (directed == 0) return "";
  if (!any_bold) {
    return fmt::format("No row is marked as best: that takes at least {} seeds shared between rows.", kSeedsForTest);
  }
  std::string text = fmt::format(
      "Marked: cannot be told from the best of its column (paired t-test by seed, Holm's correction within the column, "
      "level {}).",
      kLevel);
  if (!untested.empty())
    text += fmt::format(" Rows with fewer than {} shared seeds are not compared ({}).", kSeedsForTest, join(untested));
  return text;
}

}  // namespace

std::vector<std::string> default_table_metrics(const std::vector<Group>& groups, const std::string& split) {
  std::vector<std::string> present;
  for (const char* metric : {"nll", "ppl", "rec", "kl", "mi", "au", "swap_gap", "rate_used", "probe_accuracy",
                             "probe_accuracy_z", "probe_accuracy_length", "probe_accuracy_majority"}) {
    const bool known = std::any_of(groups.begin(), groups.end(),
                                   [&](const Group& group) { return !final_by_seed(group, split, metric).empty(); });
    if (known) present.push_back(metric);
  }
  return present;
}

Table make_table(const StudyResult& study, const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                 const std::string& split, const std::string& title) {
  Table table;
  table.title = title;
  for (const auto& group : groups) {
    table.rows.push_back(
        {group.label, std::vector<TableEntry>(metrics.size()), group.cells.size(), group.diverged.size()});
  }
  std::size_t directed = 0;
  bool any_bold = false;
  std::set<std::string> untested_columns;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    table.columns.push_back(metric_info(metrics[m]));
    Column column;
    for (const auto& group : groups) column.push_back(final_by_seed(group, split, metrics[m]));
    table.decimals.push_back(decimals_of(column));
    std::set<std::size_t> bold;
    if (table.columns.back().has_direction) {
      ++directed;
      std::size_t untested = 0;
      const auto gaps = metrics[m] == "nll" ? nll_gaps(groups, split) : std::vector<double>(groups.size(), 0.0);
      bold = undistinguished(column, table.columns.back().higher_is_better, gaps, untested);
      if (untested > 0) untested_columns.insert(metrics[m]);
    }
    any_bold = any_bold || !bold.empty();
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (!column[i].empty()) table.rows[i].entries[m].summary = summarise(values_of(column[i]));
      table.rows[i].entries[m].bold = bold.count(i) > 0;
    }
  }
  table.footers = {seeds_footer(table), bold_footer(directed, untested_columns, any_bold)};
  for (const auto& note : estimate_notes(groups, metrics, split)) table.footers.push_back(note);
  for (const auto& note : status_notes(study, groups)) table.footers.push_back(note + ".");
  for (const auto& note : machine_notes(study, groups)) table.footers.push_back(note + ".");
  table.footers.erase(std::remove(table.footers.begin(), table.footers.end(), ""), table.footers.end());
  return table;
}

}  // namespace klbench
