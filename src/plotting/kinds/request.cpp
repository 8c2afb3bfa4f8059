#include "plotting/kinds/request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "config/cell_config.h"
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

/// Where cells have a metric that is not where it was looked for: "it is there as one number on test".
std::string found_elsewhere(const std::vector<Group>& groups, const std::string& metric) {
  std::map<std::string, std::set<std::string>> splits;  // by what it is there
  for (const auto& group : groups) {
    for (const CellResult* cell : group.cells) {
      for (const auto& [split, metrics] : cell->final) {
        const auto found = metrics.find(metric);
        if (found == metrics.end()) continue;
        splits[found->second.values.size() > 1 ? "by dimension" : "as one number"].insert(split);
      }
      for (const auto& record : cell->epochs) {
        for (const auto& [split, metrics] : record.metrics) {
          if (metrics.contains(metric)) splits["by epoch"].insert(split);
        }
      }
    }
  }
  std::vector<std::string> places;
  for (const auto& [how, where] : splits) places.push_back(fmt::format("{} on {}", how, fmt::join(where, " and ")));
  return places.empty() ? "" : fmt::format("it is there {}", fmt::join(places, ", "));
}

bool any_has(const std::vector<Group>& groups, const std::string& option, const Value& value) {
  return std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
    const auto found = group.config.find(option);
    return found != group.config.end() && found->second == value;
  });
}

/// What to change in a study for its cells to have a metric; empty where nothing is known.
std::string how_to_get(const std::vector<Group>& groups, const std::string& metric) {
  const std::string elsewhere = found_elsewhere(groups, metric);
  if (!elsewhere.empty()) return elsewhere;
  const auto has_none = [](const Group& group) { return is_language_model(group.method); };
  if (std::all_of(groups.begin(), groups.end(), has_none)) return "a language model has no latent variable";
  if (metric.starts_with("probe_accuracy")) {
    return any_has(groups, "eval.probe", true) ? "the data has no labels, or too few" : "set eval.probe: true";
  }
  if (metric.starts_with("nll_") && std::isdigit(static_cast<unsigned char>(metric.back()))) {
    return "set eval.nll_check_examples, which measures nll_50, nll_500 and nll_5000";
  }
  return metric.ends_with("_running") ? "only remedies with batch statistics have it" : "";
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
    if (!methods.count(method)) fail(unknown_name("method", method, sorted(methods)), "only", method);
  }
  const bool any = std::any_of(groups.begin(), groups.end(), [](const Group& group) { return !group.cells.empty(); });
  if (!any) {
    fail(fmt::format("no finished cell to draw ({} diverged, {} missing); run the study first",
                     std::count_if(study.cells.begin(), study.cells.end(),
                                   [](const CellResult& cell) { return cell.status != "done"; }),
                     study.missing.size()));
  }
}

void Request::fail(const std::string& what, const std::string& key, const std::string& value) const {
  const std::string text = fmt::format("figure '{}': {}", one_line(spec.name), what);
  const Place place = spec.place(key, value);
  throw place.file.empty() ? UsageError(text) : UsageError(place, text);
}

void Request::fail_metric(const std::string& metric, const std::string& where,
                          const std::set<std::string>& valid) const {
  if (!is_known_metric(metric)) fail(unknown_name("metric " + where, metric, sorted(valid)), "metric", metric);
  const std::string hint = how_to_get(groups, metric);
  fail(fmt::format("no cell drawn has the metric '{}' {}; {}", metric, where,
                   hint.empty() ? fmt::format("valid: {}", fmt::join(valid, ", ")) : hint),
       "metric", metric);
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
  if (!splits.count(spec.split)) fail(unknown_name("split", spec.split, sorted(splits)), "split");
  if (!metrics.count(metric)) fail_metric(metric, (vector ? "by dimension on " : "on ") + spec.split, metrics);
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
