#include "plotting/kinds/request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "config/cell_config.h"
#include "config/metric_needs.h"
#include "core/error.h"
#include "plotting/estimates.h"
#include "plotting/rows.h"
#include "plotting/selection.h"

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

/// Metrics with one value a dimension, which is one value where there is one dimension.
bool is_by_dimension(const std::string& metric) {
  const ComponentSpec* spec = registered_metric(metric);
  return spec && spec->by_dimension;
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
  const ComponentSpec* spec = registered_metric(metric);
  if (spec && !spec->needs.empty() && found_elsewhere(groups, spec->key).empty())
    return "it needs " + needs_text(*spec);
  return metric.ends_with("_running") ? "only remedies with batch statistics have it" : "";
}

std::string count_text(const SeedCounts& counts) {
  return counts.size() == 1 ? fmt::format("{}", *counts.begin())
                            : fmt::format("{} to {}", *counts.begin(), *counts.rbegin());
}

/// The groups' cells of each seed: "bn_vae gamma=.6 seed=0", a variant of its method like the others.
std::vector<Group> split_by_seed(const StudyResult& study, const std::vector<Group>& groups) {
  std::vector<Group> all;
  std::map<std::string, std::vector<std::size_t>> of_method;
  for (const auto& group : groups) {
    std::map<std::int64_t, std::size_t> places;
    for (const auto* cells : {&group.cells, &group.diverged}) {
      for (const CellResult* cell : *cells) {
        const std::int64_t seed = cell_seed(*cell);
        const auto [place, is_new] = places.try_emplace(seed, all.size());
        if (is_new) {
          of_method[group.method].push_back(all.size());
          Group& one = all.emplace_back(group);
          one.row += fmt::format(" seed={}", seed);
          one.telling.emplace_back("seed");
          one.config["seed"] = seed;
          one.cells.clear();
          one.diverged.clear();
        }
        Group& one = all[place->second];
        (cell->status == CellStatus::done ? one.cells : one.diverged).push_back(cell);
      }
    }
  }
  std::vector<std::string> methods;
  for (const auto& cell : study.cells) methods.push_back(cell.method);
  const auto styles = method_styles(methods);
  for (const auto& [method, same] : of_method) {
    for (std::size_t i = 0; i < same.size(); ++i) all[same[i]].style = variant(styles.at(method), i, same.size());
  }
  return all;
}

}  // namespace

Request::Request(const StudyResult& results, const FigureSpec& figure, RowOrder order)
    : study(results), spec(figure), rows(std::move(order)) {
  groups = arranged(group_cells(results, figure.only));
  for (const auto& selector : spec.only) {
    if (selects_any(study, selector)) continue;
    if (!study.missing.empty()) {
      absent.push_back(selector);
      continue;
    }
    const bool row = selector.find_first_of(" =") != std::string::npos;
    fail(unknown_name(row ? "row" : "method", selector, near_rows(group_cells(study, {}), selector)), "only", selector);
  }
  if (const auto idle = idle_name(study, spec.names)) fail(idle_name_text(*idle), "names", *idle);
  const bool any = std::any_of(groups.begin(), groups.end(), [](const Group& group) { return !group.cells.empty(); });
  if (!any) {
    const std::string what =
        absent.empty() ? "" : fmt::format(" of {}", one_line(fmt::format("{}", fmt::join(absent, ", "))));
    fail(fmt::format("no finished cell{} to draw ({} diverged, {} missing); run the study first", what,
                     std::count_if(study.cells.begin(), study.cells.end(),
                                   [](const CellResult& cell) { return cell.status != CellStatus::done; }),
                     study.missing.size()),
         "only", absent.empty() ? "" : absent[0]);
  }
}

void Request::fail(const std::string& what, const std::string& key, const std::string& value) const {
  const std::string text = spec.name.empty() ? what : fmt::format("figure '{}': {}", one_line(spec.name), what);
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
  const auto fits = [&](const std::string& name, const FinalMetric& found) {
    return vector ? found.values.size() > 1 || is_by_dimension(name) : found.values.size() == 1;
  };
  const auto has = [&](const CellResult* cell) {
    const FinalMetric* found = final_metric(*cell, spec.split, metric);
    return (!vector && cell->cost.contains(metric)) || (found && fits(metric, *found));
  };
  const auto any_has = [&](const Group& group) { return std::any_of(group.cells.begin(), group.cells.end(), has); };
  if (std::any_of(groups.begin(), groups.end(), any_has)) return;
  std::set<std::string> splits;
  std::set<std::string> metrics;
  for (const auto& group : groups) {
    for (const CellResult* cell : group.cells) {
      for (const auto& [split, values] : cell->final) {
        splits.insert(split);
        if (split != spec.split) continue;
        for (const auto& [name, value] : values) {
          if (fits(name, value)) metrics.insert(name);
        }
      }
    }
  }
  if (!splits.count(spec.split)) fail(unknown_name("split", spec.split, sorted(splits)), "split");
  fail_metric(metric, (vector ? "by dimension on " : "on ") + spec.split, metrics);
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

std::vector<Group> Request::groups_without(const std::string& option) const {
  return arranged(group_cells(study, spec.only, {option}));
}

std::vector<Group> Request::arranged(std::vector<Group> found) const {
  if (rows.per_seed) found = split_by_seed(study, found);
  for (auto& group : found) group.label = display_label(group, spec.names);
  if (rows.sort.empty()) return found;
  const SortKey key(rows.sort);
  const auto on = [&](const std::string& split) {
    return [&, split](const Group& group) -> std::optional<double> {
      const auto values = values_of(final_by_seed(group, split, key.metric));
      return values.empty() ? std::nullopt : std::optional(summarise(values).mean);
    };
  };
  const bool is_there = std::any_of(found.begin(), found.end(), on(spec.split));
  key.sort(found, on(is_there ? spec.split : "test"));
  return found;
}

std::string Request::title(const std::string& otherwise) const {
  return spec.title == "none" ? "" : spec.title.empty() ? otherwise : spec.title;
}

Range Request::limits(const std::string& key, const std::vector<double>& asked, bool log, const Range& data) const {
  if (asked.empty()) return data;
  if (log && asked[0] <= 0) fail("a logarithmic axis has limits above 0", key);
  if (asked[1] < data.low || asked[0] > data.high) {
    fail(fmt::format("no value lies from {:g} to {:g}; they lie from {:.3g} to {:.3g}", asked[0], asked[1], data.low,
                     data.high),
         key);
  }
  return {asked[0], asked[1]};
}

Range Request::limits_x(const Range& data) const { return limits("x_limits", spec.x_limits, spec.log_x, data); }

Range Request::limits_y(const Range& data) const { return limits("y_limits", spec.y_limits, spec.log_y, data); }

Figure Request::figure(const std::string& default_title) const {
  Figure made;
  made.look = {spec.width, spec.height, spec.aspect, spec.legend};
  made.title = title(default_title);
  made.notes = status_notes(study, groups);
  if (!absent.empty()) made.notes.push_back(absent_note());
  return made;
}

std::string Request::absent_note() const {
  return absent.empty() ? "" : fmt::format("not there yet: {}", fmt::join(absent, ", "));
}

std::string Request::axis_label(const std::string& metric) const {
  const std::string units = metric_info(metric).units;
  const std::string name = display_metric(metric, spec.names);
  return units.empty() || units == "1" ? name : fmt::format("{} ({})", name, units);
}

SeedCounts seed_counts(const std::vector<Group>& groups) {
  SeedCounts counts;
  for (const auto& group : groups) {
    if (!group.cells.empty()) counts.insert(group.cells.size());
  }
  return counts;
}

std::string seeds_note(const SeedCounts& counts, const std::string& each) {
  if (counts.empty() || *counts.rbegin() == 1) return "one seed each";
  return fmt::format("mean of {} seeds, each {}", count_text(counts), each);
}

std::string spread_note(const SeedCounts& counts, const std::string& each) {
  if (counts.empty() || *counts.rbegin() < kSeedsForBand) return seeds_note(counts, each);
  if (*counts.begin() < kSeedsForBand) {
    return fmt::format("{}; 95% t interval where there are {}", seeds_note(counts, each + " where there are few"),
                       kSeedsForBand);
  }
  return fmt::format("mean and 95% t interval over {} seeds", count_text(counts));
}

std::string split_note(const std::set<std::string>& labels) {
  if (labels.empty()) return "";
  return fmt::format("seeds fall into two groups, and are drawn singly, in {}", fmt::join(labels, ", "));
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
