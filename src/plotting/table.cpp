#include "plotting/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "plotting/estimates.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"
#include "plotting/rows.h"
#include "plotting/table_text.h"

namespace klbench {

namespace {

constexpr std::size_t kHeadlineSeeds = 5;

using Column = std::vector<std::map<std::int64_t, double>>;  // a row's values by seed

/// The errors of a column's rows: standard deviations over seeds, of one seed the standard error of its estimate.
std::vector<double> errors_of(const std::vector<Group>& groups, const Column& column, const std::string& split,
                              const std::string& metric) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    double error = 0;
    if (column[i].size() > 1) error = summarise(values_of(column[i])).sd;
    const FinalMetric* found = groups[i].cells.empty() ? nullptr : final_metric(*groups[i].cells[0], split, metric);
    if (column[i].size() == 1 && found && found->attributes.contains("error")) {
      const auto* known = std::get_if<double>(&found->attributes.at("error"));
      error = known ? *known : 0;
    }
    if (error > 0 && std::isfinite(error)) errors.push_back(error);
  }
  return errors;
}

/// Decimals that show two digits of the median error; without any, none of whole numbers, else enough for their size.
int decimals_of(const Column& column, std::vector<double> errors) {
  if (!errors.empty()) {
    std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2), errors.end());
    return std::clamp(1 - static_cast<int>(std::floor(std::log10(errors[errors.size() / 2]) + 1e-9)), 0, 4);
  }
  double largest = 0;
  bool whole = true;
  std::size_t count = 0;
  for (const auto& row : column) {
    for (const auto& [seed, value] : row) {
      largest = std::max(largest, std::abs(value));
      whole = whole && value == std::round(value);
      ++count;
    }
  }
  if (whole && count > 1) return 0;
  if (largest >= 1000) return 1;
  return largest >= 1 || largest == 0 ? 2 : largest >= 0.1 ? 3 : 4;
}

TableNote means_note(const Table& table) {
  std::set<std::size_t> counts;
  for (const auto& row : table.rows) {
    if (row.seeds > 0) counts.insert(row.seeds);
  }
  if (counts.empty()) return {.parts = {{"No finished cell."}}};
  const std::size_t few = *counts.begin();
  const std::size_t many = *counts.rbegin();
  std::string text = few == many ? fmt::format("{} seed{} a row", few, few == 1 ? "" : "s")
                                 : fmt::format("{} to {} seeds a row", few, many);
  if (few < kHeadlineSeeds) text += fmt::format(" (a headline table wants {} or more)", kHeadlineSeeds);
  TableNote note{"{}.", "; ", {}};
  if (many > 1) note.parts.push_back({"Mean ± standard deviation over seeds", {}, true});
  note.parts.push_back({text});
  return note;
}

/// The metrics of the columns that `take` wants.
template <class Take>
std::vector<std::string> metrics_where(const Table& table, const std::vector<ColumnTests>& tests, const Take& take) {
  std::vector<std::string> names;
  for (std::size_t m = 0; m < tests.size(); ++m) {
    if (take(tests[m])) names.push_back(table.columns[m].name);
  }
  return names;
}

bool any_to_baseline(const std::vector<ColumnTests>& tests) {
  return std::any_of(tests.begin(), tests.end(), [](const ColumnTests& column) {
    return std::any_of(column.to_baseline.begin(), column.to_baseline.end(),
                       [](const auto& to) { return to.has_value(); });
  });
}

/// What the marks mean. "Best:" is replaced by the words of the format.
TableNote marks_note(const Table& table, const std::vector<ColumnTests>& tests) {
  const auto any = [&](const auto& take) { return std::any_of(tests.begin(), tests.end(), take); };
  TableNote note;
  if (any([](const ColumnTests& column) { return !column.best.empty(); }))
    note.parts.push_back({"Best: best mean of its column.", {}, true});
  if (any([](const ColumnTests& column) { return column.compared && !column.best.empty(); })) {
    note.parts.push_back({fmt::format("†: cannot be told from it (level {} after Holm's correction over all pairs of "
                                      "rows, as the best is chosen by the data).",
                                      kLevel),
                          {},
                          true});
  }
  if (!table.baseline.empty()) {
    note.parts.push_back(
        {fmt::format("°: cannot be told from the baseline {} (level {} after Holm's correction over the rows).",
                     table.baseline, kLevel),
         {},
         true});
  }
  const auto untested = [](const ColumnTests& column) {
    return !column.untested_best.empty() || !column.untested_baseline.empty();
  };
  const auto marked =
      metrics_where(table, tests, [&](const ColumnTests& column) { return column.compared && untested(column); });
  if (any(untested)) {
    note.parts.push_back(
        {fmt::format("Not tested are rows that share fewer than {} seeds, that were measured on other examples, or "
                     "whose difference is the same for all seeds{}.",
                     kSeedsForTest, marked.empty() ? "" : " (‡ where others of the column are: {})"),
         marked});
  }
  return note;
}

/// By what rows are paired, and whom the findings are about.
TableNote pairing_note(const Table& table, const std::vector<ColumnTests>& tests) {
  std::size_t examples = 0;
  for (const auto& column : tests) {
    if (column.examples > 0) examples = examples == 0 ? column.examples : std::min(examples, column.examples);
  }
  TableNote note{"Rows are paired {}.", "; ", {}};
  const auto add = [&](const std::string& how, const auto& take) {
    const auto columns = metrics_where(table, tests, take);
    if (!columns.empty()) note.parts.push_back({how + " ({})", columns});
  };
  add(fmt::format("by seed and by {} examples, as drawn from all seeds and examples", examples),
      [](const ColumnTests& column) { return column.examples > 0; });
  add("by example only where both rows keep them",
      [](const ColumnTests& column) { return column.by_example && column.examples == 0; });
  add("by seed alone, on these very examples",
      [](const ColumnTests& column) { return column.compared && !column.by_example; });
  return note;
}

/// The smallest difference that each column could have shown.
TableNote detectable_note(const Table& table, const std::vector<ColumnTests>& tests) {
  TableNote note{
      fmt::format("Smallest difference to {} that had a chance of 80% to be found (at Holm's strictest level, median "
                  "over rows): {{}}.",
                  table.baseline.empty() ? "the best" : table.baseline),
      ", ",
      {}};
  for (std::size_t m = 0; m < tests.size(); ++m) {
    const std::string& name = table.columns[m].name;
    if (tests[m].detectable) note.parts.push_back({fmt::format("{} {:.2g}", name, *tests[m].detectable), {name}});
  }
  return note;
}

/// The note with all its parts; empty where it has none.
std::string line_of(const TableNote& note) {
  std::vector<std::string> parts;
  for (const auto& part : note.parts) {
    parts.push_back(part.columns.empty() ? part.text
                                         : replaced(part.text, "{}", fmt::format("{}", fmt::join(part.columns, ", "))));
  }
  return parts.empty() ? "" : replaced(note.text, "{}", fmt::format("{}", fmt::join(parts, note.between)));
}

/// Rows whose mean KL lies below their floor, and why that is no violation.
TableNote floor_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                     const std::string& split) {
  FloorNote below;
  std::vector<std::string> bounded;
  for (const auto& metric : metrics) {
    if (!has_floor(metric)) continue;
    bounded.push_back(metric);
    for (const auto& group : groups) {
      const auto values = values_of(final_by_seed(group, split, metric));
      if (values.empty()) continue;
      below.see(group.label, summarise(values).mean, nominal_floor(group.cells), measured_floor(group.cells));
    }
  }
  const std::string text = below.text(split);
  return text.empty() ? TableNote() : TableNote{.parts = {{text + ".", bounded}}};
}

TableNote sentence(const std::string& text) { return {.parts = {{text}}}; }

/// Appends a metric to the table.
void add_column(Table& table, const MetricInfo& info, const std::string& head, int decimals, const Column& column,
                const ColumnTests& tests) {
  const std::size_t m = table.columns.size();
  table.columns.push_back(info);
  table.heads.push_back(head);
  table.decimals.push_back(decimals);
  for (std::size_t i = 0; i < column.size(); ++i) {
    TableEntry& entry = table.rows[i].entries[m];
    if (!column[i].empty()) entry.summary = summarise(values_of(column[i]));
    entry.bold = tests.best.contains(i);
    entry.near_best = tests.near_best.contains(i);
    entry.untested_best = tests.compared && tests.untested_best.contains(i);
    entry.untested_baseline = tests.compared && tests.untested_baseline.contains(i);
    entry.to_baseline = tests.to_baseline[i];
  }
}

}  // namespace

std::vector<std::string> default_table_metrics(const std::vector<Group>& groups, const std::string& split) {
  std::vector<std::string> present;
  for (const char* metric : {"nll", "ppl", "bpd", "rec", "kl", "mi", "au", "swap_gap", "rate_used", "probe_accuracy",
                             "probe_accuracy_z", "probe_accuracy_length", "probe_accuracy_majority"}) {
    const bool known = std::any_of(groups.begin(), groups.end(),
                                   [&](const Group& group) { return !final_by_seed(group, split, metric).empty(); });
    if (known) present.push_back(metric);
  }
  return present;
}

std::vector<Table> make_tables(const StudyResult& study, const std::vector<Group>& groups,
                               const std::vector<std::string>& metrics, const std::string& split,
                               const std::string& title, const std::vector<std::optional<std::size_t>>& baselines,
                               const Names& names) {
  Table plain;
  plain.title = title;
  for (const auto& group : groups) {
    plain.rows.push_back(
        {group.row, group.label, std::vector<TableEntry>(metrics.size()), group.cells.size(), group.diverged.size()});
  }
  std::vector<Table> tables(baselines.size(), plain);
  std::vector<std::vector<ColumnTests>> tests(baselines.size());
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const MetricInfo info = metric_info(metrics[m]);
    Column column;
    for (const auto& group : groups) column.push_back(final_by_seed(group, split, metrics[m]));
    const std::string head = column_title(metrics[m], names);
    const int decimals = decimals_of(column, errors_of(groups, column, split, metrics[m]));
    const auto gaps = metrics[m] == "nll" ? nll_gaps(groups, split) : std::vector<double>(groups.size(), 0.0);
    auto found = test_column(groups, split, info, baselines, gaps);
    for (std::size_t b = 0; b < baselines.size(); ++b) {
      add_column(tables[b], info, head, decimals, column, found[b]);
      tests[b].push_back(std::move(found[b]));
    }
  }
  for (std::size_t b = 0; b < baselines.size(); ++b) {
    Table& table = tables[b];
    if (baselines[b] && any_to_baseline(tests[b])) table.baseline = groups[*baselines[b]].label;
    table.notes = {means_note(table), marks_note(table, tests[b]), pairing_note(table, tests[b]),
                   detectable_note(table, tests[b])};
    if (!study.baseline.empty() && !baselines[b]) {
      table.notes.push_back(
          sentence(fmt::format("The baseline '{}' is no row of this table.", one_line(study.baseline))));
    }
    for (auto& part : estimate_notes(groups, metrics, split)) table.notes.push_back({.parts = {std::move(part)}});
    table.notes.push_back(floor_note(groups, metrics, split));
    for (const auto& note : status_notes(study, groups)) table.notes.push_back(sentence(note + "."));
    for (const auto& note : machine_notes(study, groups)) table.notes.push_back(sentence(note + "."));
    std::erase_if(table.notes, [](const TableNote& note) { return note.parts.empty(); });
    for (const auto& note : table.notes) table.footers.push_back(line_of(note));
  }
  return tables;
}

Table make_table(const StudyResult& study, const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                 const std::string& split, const std::string& title, const Names& names) {
  return make_tables(study, groups, metrics, split, title, {baseline_row(study, groups)}, names)[0];
}

Table make_seed_table(const StudyResult& study, const std::vector<Group>& groups,
                      const std::vector<std::string>& metrics, const std::string& split, const std::string& title,
                      const Names& names) {
  Table table = make_tables(study, groups, metrics, split, title, {std::nullopt}, names)[0];
  for (auto& row : table.rows) {
    for (auto& entry : row.entries) entry.bold = false;
  }
  table.footers = {};
  return table;
}

}  // namespace klbench
