#include "plotting/kinds/request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/error.h"

namespace klbench {

namespace {

std::vector<std::string> sorted(const std::set<std::string>& names) { return {names.begin(), names.end()}; }

std::optional<double> mean_fact(const std::vector<const CellResult*>& cells, const std::string& name) {
  std::vector<double> values;
  for (const CellResult* cell : cells) {
    if (const auto value = fact_number(*cell, name)) values.push_back(*value);
  }
  return values.empty() ? std::nullopt : std::optional(summarise(values).mean);
}

/// Fewest and most finished seeds of a group.
std::pair<std::size_t, std::size_t> seed_counts(const std::vector<Group>& groups) {
  std::set<std::size_t> counts;
  for (const auto& group : groups) {
    if (!group.cells.empty()) counts.insert(group.cells.size());
  }
  return counts.empty() ? std::pair<std::size_t, std::size_t>() : std::pair(*counts.begin(), *counts.rbegin());
}

}  // namespace

Request::Request(const StudyResult& results, const FigureSpec& figure)
    : study(results), spec(figure), groups(group_cells(results, figure.only)) {
  std::set<std::string> methods;
  for (const auto& cell : study.cells) methods.insert(cell.method);
  for (const auto& method : spec.only) {
    if (!methods.count(method)) fail(unknown_name("method", method, sorted(methods)));
  }
  const bool any = std::any_of(groups.begin(), groups.end(), [](const Group& group) { return !group.cells.empty(); });
  if (!any) {
    fail(fmt::format("no finished cell to draw ({} diverged, {} missing); run the study first",
                     std::count_if(study.cells.begin(), study.cells.end(),
                                   [](const CellResult& cell) { return cell.status != "done"; }),
                     study.missing.size()));
  }
}

void Request::fail(const std::string& what) const {
  throw UsageError(fmt::format("figure '{}': {}", one_line(spec.name), what));
}

void Request::require_final(const std::string& metric, bool vector) const {
  std::set<std::string> splits;
  std::set<std::string> metrics;
  for (const auto& group : groups) {
    for (const CellResult* cell : group.cells) {
      if (!vector && cell->cost.contains(metric)) return;
      for (const auto& [split, values] : cell->final) {
        splits.insert(split);
        if (split != spec.split) continue;
        for (const auto& [name, value] : values) {
          if ((value.values.size() > 1) == vector) metrics.insert(name);
        }
      }
    }
  }
  if (!splits.count(spec.split)) fail(unknown_name("split", spec.split, sorted(splits)));
  if (!metrics.count(metric)) {
    fail(unknown_name(vector ? "per-dimension metric" : "metric", metric, sorted(metrics)));
  }
}

std::vector<std::string> Request::final_metrics(const std::vector<std::string>& fallback) const {
  std::vector<std::string> chosen = spec.metrics;
  if (chosen.empty()) {
    for (const auto& metric : fallback) {
      const bool known = std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
        return !final_by_seed(group, spec.split, metric).empty();
      });
      if (known) chosen.push_back(metric);
    }
    if (chosen.empty()) chosen = {fallback.empty() ? "nll" : fallback[0]};  // to fail with the valid names
  }
  for (const auto& metric : chosen) require_final(metric);
  return chosen;
}

Figure Request::figure(const std::string& default_title) const {
  Figure made;
  made.title = title(default_title);
  made.notes = status_notes(study, groups);
  return made;
}

std::string axis_label(const std::string& metric) {
  const MetricInfo info = metric_info(metric);
  return info.units.empty() || info.units == "1" ? info.long_name : fmt::format("{} ({})", info.long_name, info.units);
}

std::string option_title(const std::string& option) {
  constexpr std::string_view kSection = "regularizer.";
  return option.starts_with(kSection) ? option.substr(kSection.size()) : option;
}

std::string seeds_note(const std::vector<Group>& groups, const std::string& each) {
  const auto [few, many] = seed_counts(groups);
  if (many == 1) return "one seed";
  return fmt::format("mean of {} seeds, each {}",
                     few == many ? fmt::format("{}", few) : fmt::format("{} to {}", few, many), each);
}

std::string spread_note(const std::vector<Group>& groups, const std::string& each) {
  const auto [few, many] = seed_counts(groups);
  if (many < kSeedsForBand) return seeds_note(groups, each);
  if (few < kSeedsForBand) {
    return fmt::format("{}; 95% t interval where there are {}", seeds_note(groups, each + " where there are few"),
                       kSeedsForBand);
  }
  return fmt::format("mean and 95% t interval over {} seeds",
                     few == many ? fmt::format("{}", few) : fmt::format("{} to {}", few, many));
}

bool has_floor(const std::string& metric) { return metric == "kl" || metric == "kl_last" || metric == "kl_running"; }

std::optional<double> measured_floor(const std::vector<const CellResult*>& cells) {
  return mean_fact(cells, "kl_floor_measured");
}

std::optional<double> nominal_floor(const std::vector<const CellResult*>& cells) {
  const auto nominal = mean_fact(cells, "kl_floor_nominal");
  return nominal ? nominal : measured_floor(cells);
}

std::vector<std::string> line_with_markers(const std::string& data, const Style& style, double size,
                                           std::size_t every) {
  return {fmt::format("{} with lines {}", data, style.line(1.6)),
          fmt::format("{} every {} with points {}", data, every, style.marker(size))};
}

std::string floor_line(const std::string& colour) { return fmt::format("lc rgb '{}' lw 1.2 dt (10,6)", colour); }

LegendEntry floor_legend() { return {"analytic floor (nominal)", floor_line("#444444"), ""}; }

std::string log_note(const std::vector<double>& values, bool log, const std::string& metric) {
  const auto hidden = std::count_if(values.begin(), values.end(), [](double value) { return value <= 0; });
  return log && hidden > 0 ? fmt::format("{}: {} values <= 0 are not on the log axis", metric, hidden) : "";
}

}  // namespace klbench
