#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "config/value_json.h"
#include "plotting/page/parts.h"
#include "plotting/rows.h"
#include "plotting/table.h"
#include "plotting/table_text.h"

namespace klbench::page {

namespace {

/// Most differences of rows to baselines: row, baseline and metric.
constexpr std::size_t kDifferences = 20000;

/// The declared baseline first; those that the limit leaves room for.
std::vector<std::size_t> chosen_baselines(Sources& sources, std::size_t metrics) {
  const std::size_t count = sources.groups.size();
  std::vector<std::size_t> baselines;
  for (std::size_t g = 0; g < count; ++g) {
    if (!sources.groups[g].cells.empty()) baselines.push_back(g);
  }
  if (const auto declared = baseline_row(sources.study, sources.groups)) {
    const auto place = std::find(baselines.begin(), baselines.end(), *declared);
    if (place != baselines.end()) std::rotate(baselines.begin(), place, place + 1);
  }
  const std::size_t room = std::max<std::size_t>(1, kDifferences / std::max<std::size_t>(1, count * metrics));
  if (baselines.size() > room) {
    sources.limits.push_back(fmt::format(
        "{} of {} rows can be chosen as the baseline of the table; `klbench show --baseline ROW` takes any.", room,
        baselines.size()));
    baselines.resize(room);
  }
  return baselines;
}

Json entry_json(const TableEntry& entry) {
  if (entry.summary.n == 0) return nullptr;
  Json json = {{"n", entry.summary.n}, {"mean", rounded(entry.summary.mean)}, {"sd", rounded(entry.summary.sd)}};
  if (entry.bold) json["best"] = true;
  if (entry.near_best) json["near"] = true;
  if (entry.untested_best) json["untested"] = true;
  return json;
}

/// [difference, low, high, p] of every row and column; null where it is not compared.
Json differences_json(const Table& table) {
  Json all = Json::array();
  for (const auto& row : table.rows) {
    Json entries = Json::array();
    for (const auto& entry : row.entries) {
      if (const auto& to = entry.to_baseline) {
        entries.push_back(
            {rounded(to->mean), rounded(to->interval.low), rounded(to->interval.high), rounded(to->p_value)});
      } else {
        entries.push_back(nullptr);
      }
    }
    all.push_back(std::move(entries));
  }
  return all;
}

/// TableNote.
Json notes_json(const Table& table) {
  Json notes = Json::array();
  for (const auto& note : table.notes) {
    Json parts = Json::array();
    for (const auto& part : note.parts)
      parts.push_back({{"text", part.text}, {"columns", part.columns}, {"ofMeans", part.is_of_means}});
    notes.push_back({{"text", note.text}, {"between", note.between}, {"parts", std::move(parts)}});
  }
  return notes;
}

/// How a metric was estimated: [attributes], and by row the place of its own.
Json estimators(const std::vector<Group>& groups, const std::string& split, const std::string& metric) {
  Json kinds = Json::array(), of = Json::array();
  for (const auto& group : groups) {
    const FinalMetric* found = group.cells.empty() ? nullptr : final_metric(*group.cells[0], split, metric);
    Json attributes = Json::object();
    if (found) {
      for (const auto& [name, value] : found->attributes) {
        if (name != "error") attributes[name] = value_json(value);  // the error is the cell's own
      }
    }
    const auto place = std::find(kinds.begin(), kinds.end(), attributes);
    of.push_back(place - kinds.begin());
    if (place == kinds.end()) kinds.push_back(std::move(attributes));
  }
  return {{"kinds", std::move(kinds)}, {"of", std::move(of)}};
}

Json column_json(const Sources& sources, const Table& table, std::size_t m, const std::string& split) {
  const MetricInfo& info = table.columns[m];
  return {{"name", info.name},
          {"latex", latex_text(info.name)},
          {"decimals", table.decimals[m]},
          {"estimators", estimators(sources.groups, split, info.name)}};
}

/// Multipliers of the standard error for a 95% interval of the mean of n values, n = 2 ... most.
Json t_quantiles(std::size_t most) {
  Json quantiles = Json::array();
  for (std::size_t n = 2; n <= most; ++n) {
    std::vector<double> values(n, 0.0);
    values[0] = 1;
    const Summary summary = summarise(values);
    quantiles.push_back(rounded(summary.half_width * std::sqrt(static_cast<double>(n)) / summary.sd));
  }
  return quantiles;
}

/// The study's own table, as split and metrics go; null where it declares none.
const FigureSpec* declared_table(const StudyResult& study, const std::string& split) {
  for (const auto& figure : study.figures) {
    if (figure.kind == "table" && figure.split == split && !figure.metrics.empty()) return &figure;
  }
  return nullptr;
}

/// What is shown when nothing is chosen: the declared table's metrics, else all but the cost.
std::vector<std::string> shown_metrics(const Sources& sources, const std::vector<std::string>& metrics,
                                       const std::string& split) {
  const FigureSpec* own = declared_table(sources.study, split);
  std::vector<std::string> shown = own ? own->metrics : metrics;
  std::erase_if(shown, [&](const std::string& name) {
    return std::find(metrics.begin(), metrics.end(), name) == metrics.end() || (!own && name == "train_seconds");
  });
  return shown;
}

}  // namespace

std::vector<std::string> table_metrics(const Sources& sources, const std::string& split) {
  auto wanted = default_table_metrics(sources.groups, split);
  if (const FigureSpec* own = declared_table(sources.study, split))
    wanted.insert(wanted.end(), own->metrics.begin(), own->metrics.end());
  wanted.emplace_back("train_seconds");
  std::vector<std::string> metrics;
  for (const auto& metric : wanted) {
    const bool known = std::any_of(sources.groups.begin(), sources.groups.end(),
                                   [&](const Group& group) { return !final_by_seed(group, split, metric).empty(); });
    if (known && std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) metrics.push_back(metric);
  }
  return metrics;
}

Json table(Sources& sources, const std::vector<std::string>& metrics, const std::string& split) {
  const auto baselines = chosen_baselines(sources, metrics.size());
  std::vector<std::optional<std::size_t>> each(baselines.begin(), baselines.end());
  each.emplace_back(std::nullopt);
  const auto tables = make_tables(sources.study, sources.groups, metrics, split, "", each);
  const Table& plain = tables.back();
  Json by_baseline = Json::array();
  for (std::size_t b = 0; b < baselines.size(); ++b) {
    by_baseline.push_back({{"row", baselines[b]},
                           {"compared", !tables[b].baseline.empty()},
                           {"differences", differences_json(tables[b])},
                           {"notes", notes_json(tables[b])}});
  }
  Json columns = Json::array(), entries = Json::array();
  for (std::size_t m = 0; m < metrics.size(); ++m) columns.push_back(column_json(sources, plain, m, split));
  for (const auto& row : plain.rows) {
    Json line = Json::array();
    for (const auto& entry : row.entries) line.push_back(entry_json(entry));
    entries.push_back(std::move(line));
  }
  std::size_t most = 2;
  for (const auto& group : sources.groups) most = std::max(most, group.cells.size());
  const auto declared = baseline_row(sources.study, sources.groups);
  return {{"split", split},
          {"shown", shown_metrics(sources, metrics, split)},
          {"columns", std::move(columns)},
          {"entries", std::move(entries)},
          {"declared", declared ? Json(*declared) : Json()},
          {"baselines", std::move(by_baseline)},
          {"notes", notes_json(plain)},
          {"t", t_quantiles(most)},
          {"level", kLevel}};
}

}  // namespace klbench::page
