#include "plotting/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "config/value_json.h"
#include "core/error.h"
#include "plotting/column_tests.h"
#include "plotting/rows.h"
#include "plotting/selection.h"
#include "plotting/table.h"
#include "statistics/holm.h"
#include "statistics/summary.h"

namespace klbench {

namespace {

bool has(const Group& group, const std::string& split, const std::string& metric) {
  return !final_by_seed(group, split, metric).empty();
}

void check_split(const Group& group, const std::string& split) {
  std::set<std::string> splits;
  for (const CellResult* cell : group.cells) {
    for (const auto& [name, metrics] : cell->final) splits.insert(name);
  }
  if (group.cells.empty()) throw UsageError(fmt::format("row '{}' has no finished cell", one_line(group.label)));
  if (!splits.contains(split)) {
    throw UsageError(unknown_name("split", split, std::vector<std::string>(splits.begin(), splits.end())));
  }
}

/// The scalars that both rows have.
std::vector<std::string> shared_metrics(const Group& a, const Group& b, const std::string& split) {
  std::set<std::string> names;
  for (const auto& [name, metric] : a.cells[0]->final.at(split)) names.insert(name);
  for (const auto& [name, value] : a.cells[0]->cost) names.insert(name);
  std::erase_if(names, [&](const std::string& name) { return !has(a, split, name) || !has(b, split, name); });
  return {names.begin(), names.end()};
}

std::vector<std::string> wanted_metrics(const Group& a, const Group& b, const CompareRequest& request) {
  const auto shared = shared_metrics(a, b, request.split);
  const auto is_shared = [&](const std::string& name) {
    return std::find(shared.begin(), shared.end(), name) != shared.end();
  };
  std::vector<std::string> metrics;
  for (const auto& metric : request.metrics.empty() ? default_table_metrics({a, b}, request.split) : request.metrics) {
    const bool twice = std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
    if (is_shared(metric) && !twice) metrics.push_back(metric);
    if (is_shared(metric) || request.metrics.empty()) continue;
    if (!is_known_metric(metric)) throw UsageError(unknown_name("metric", metric, shared));
    throw UsageError(fmt::format("'{}' and '{}' do not both have the metric '{}' as a number on {}; valid: {}",
                                 one_line(a.label), one_line(b.label), metric, request.split, fmt::join(shared, ", ")));
  }
  return metrics;
}

std::optional<double> margin_of(const CompareRequest& request, const std::string& metric) {
  auto found = request.margins.find(metric);
  if (found == request.margins.end()) found = request.margins.find("");
  return found == request.margins.end() ? std::nullopt : std::optional(found->second);
}

void check_margins(const CompareRequest& request, const std::vector<std::string>& metrics) {
  std::set<std::string> units;
  for (const auto& metric : metrics) units.insert(metric_info(metric).units);
  for (const auto& [metric, margin] : request.margins) {
    if (!metric.empty() && std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) {
      throw UsageError(unknown_name("metric of --margin", metric, metrics));
    }
    if (!(margin > 0) || !std::isfinite(margin)) throw UsageError(fmt::format("--margin {} is not positive", margin));
    if (metric.empty() && units.size() > 1) {
      throw UsageError(
          fmt::format("--margin {} has no one unit: the metrics are in {}; write --metric {} or --margin {}={}", margin,
                      fmt::join(units, ", "), metrics[0], metrics[0], margin));
    }
  }
}

/// Holm's correction over `metrics` of one of their p values, put into another.
void adjust(const std::vector<Comparison*>& metrics, double Comparison::*from, double Comparison::*to) {
  std::vector<double> raw;
  for (const Comparison* metric : metrics) raw.push_back(metric->*from);
  const auto adjusted = holm(raw);
  for (std::size_t i = 0; i < metrics.size(); ++i) metrics[i]->*to = adjusted[i];
}

/// "0.0312", "< 0.0001".
std::string p_text(double p) { return p < 1e-4 ? "< 0.0001" : fmt::format("= {:.4f}", p); }

std::string with_units(double value, const MetricInfo& metric) {
  return fmt::format("{:.4g}{}", value, metric.units == "1" ? "" : " " + metric.units);
}

std::string pairing_text(const Pairing& pairing) {
  const std::string seeds = fmt::format("{} seeds", pairing.a.size());
  if (pairing.examples > 0) return fmt::format("{}, {} examples", seeds, pairing.examples);
  return fmt::format("{}; by seed alone, as {}", seeds, pairing.by_seed_reason);
}

std::string metric_text(const RowComparison& comparison, const Comparison& found) {
  const MetricInfo& metric = found.metric;
  const Pairing& pairing = found.pairing;
  std::string text =
      fmt::format("{} ({}{})\n", metric.name, metric.long_name, metric.units == "1" ? "" : ", " + metric.units);
  const auto means = [&](const std::string& paired) {
    return fmt::format("  {} {:.4f}, {} {:.4f} ({})\n", one_line(comparison.a), summarise(pairing.a).mean,
                       one_line(comparison.b), summarise(pairing.b).mean, paired);
  };
  if (!pairing.difference) {
    if (!pairing.a.empty()) text += means(fmt::format("{} seeds", pairing.a.size()));
    return text + fmt::format("  not tested: {}\n", pairing.no_test_reason);
  }
  const Interval interval = pairing.difference->interval();
  text += means(pairing_text(pairing));
  text += fmt::format("  difference {:+.4f}, 95% interval [{:+.4f}, {:+.4f}], p {}, over all metrics p {}: {}\n",
                      pairing.difference->mean(), interval.low, interval.high, p_text(found.p_value),
                      p_text(found.p_holm), found.p_holm <= kLevel ? "they differ" : "they cannot be told apart");
  text +=
      fmt::format("  smallest difference found in 80% of such comparisons: {}\n", with_units(found.detectable, metric));
  if (!found.margin) return text;
  return text + fmt::format("  {} within {} (p {})\n",
                            found.p_equivalent <= kLevel ? "equivalent" : "not shown to be equivalent",
                            with_units(*found.margin, metric), p_text(found.p_equivalent));
}

}  // namespace

RowComparison compare_rows(const StudyResult& study, const CompareRequest& request) {
  const auto groups = group_cells(study, narrowed(study, {}, request.filter));
  const Group& a = groups[find_row(study, groups, request.a, "row")];
  const Group& b = groups[find_row(study, groups, request.b, "row")];
  if (&a == &b) throw UsageError(fmt::format("'{}' is compared with itself", one_line(a.label)));
  for (const Group* group : {&a, &b}) check_split(*group, request.split);
  const auto metrics = wanted_metrics(a, b, request);
  if (metrics.empty()) throw UsageError(fmt::format("the rows share no metric on {}", request.split));
  check_margins(request, metrics);
  RowComparison comparison{study.name, request.split, a.label, b.label, {}};
  std::vector<Comparison*> tested, with_margin;
  comparison.metrics.reserve(metrics.size());
  for (const auto& metric : metrics) {
    Comparison& found = comparison.metrics.emplace_back();
    found.metric = metric_info(metric);
    found.pairing = pair_rows(a, b, request.split, metric);
    found.margin = margin_of(request, metric);
    if (!found.pairing.difference) continue;
    found.p_value = found.pairing.difference->p_value();
    found.detectable = found.pairing.difference->detectable(kLevel);
    tested.push_back(&found);
    if (!found.margin) continue;
    found.p_equivalent = found.pairing.difference->equivalence_p_value(*found.margin);
    with_margin.push_back(&found);
  }
  adjust(tested, &Comparison::p_value, &Comparison::p_holm);
  adjust(with_margin, &Comparison::p_equivalent, &Comparison::p_equivalent);
  return comparison;
}

std::string to_text(const RowComparison& comparison) {
  std::string text = fmt::format("{}, {}: {} - {}\n", one_line(comparison.study), comparison.split,
                                 one_line(comparison.a), one_line(comparison.b));
  for (const auto& metric : comparison.metrics) text += metric_text(comparison, metric);
  return text;
}

std::string to_json(const RowComparison& comparison) {
  using nlohmann::ordered_json;
  ordered_json root = {{"study", comparison.study},
                       {"split", comparison.split},
                       {"a", comparison.a},
                       {"b", comparison.b},
                       {"metrics", ordered_json::array()}};
  for (const auto& found : comparison.metrics) {
    const Pairing& pairing = found.pairing;
    const bool compared = pairing.difference.has_value();
    const auto mean = [](const std::vector<double>& values) {
      return values.empty() ? ordered_json() : ordered_json(summarise(values).mean);
    };
    const auto known = [](bool is_known, double value) { return is_known ? ordered_json(value) : ordered_json(); };
    const Interval interval = compared ? pairing.difference->interval() : Interval();
    const bool margin = compared && found.margin;
    root["metrics"].push_back({{"metric", found.metric.name},
                               {"units", found.metric.units},
                               {"mean_a", mean(pairing.a)},
                               {"mean_b", mean(pairing.b)},
                               {"difference", known(compared, compared ? pairing.difference->mean() : 0)},
                               {"low", known(compared, interval.low)},
                               {"high", known(compared, interval.high)},
                               {"p", known(compared, found.p_value)},
                               {"p_holm", known(compared, found.p_holm)},
                               {"not_tested", compared ? ordered_json() : ordered_json(pairing.no_test_reason)},
                               {"seeds", pairing.a.size()},
                               {"examples", pairing.examples > 0 ? ordered_json(pairing.examples) : ordered_json()},
                               {"detectable", known(compared, found.detectable)},
                               {"margin", known(margin, found.margin.value_or(0))},
                               {"p_equivalent", known(margin, found.p_equivalent)},
                               {"equivalent", margin ? ordered_json(found.p_equivalent <= kLevel) : ordered_json()}});
  }
  return json_text(root);
}

}  // namespace klbench
