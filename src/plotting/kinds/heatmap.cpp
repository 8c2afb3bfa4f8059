#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

/// One horizontal strip of the map.
struct Strip {
  std::string label;
  std::vector<double> values;
};

/// Mean over cells after sorting within each, largest first: dimensions have no identity across seeds.
std::vector<double> sorted_mean(const std::vector<std::vector<double>>& samples) {
  std::vector<double> mean(samples.at(0).size(), 0.0);
  for (auto sample : samples) {
    std::sort(sample.begin(), sample.end(), std::greater<>());
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += sample.at(j) / static_cast<double>(samples.size());
  }
  return mean;
}

/// Refuses arrays that are no metric of a dimension.
void check_metric(const Request& request, const std::string& metric) {
  static const std::map<std::string, std::string> others = {
      {"latent_points", "latent"}, {"posterior_histogram", "histogram"}, {"image_grid", "images"}};
  const auto other = others.find(metric);
  if (other == others.end()) return;
  request.fail(fmt::format("{} has no value of each dimension; kind: {} draws it", metric, other->second), "metric",
               metric);
}

std::vector<Strip> strips_by_group(const Request& request, const std::string& metric) {
  request.require_final(metric, true);
  std::vector<Strip> strips;
  for (const auto& group : request.groups) {
    std::vector<std::vector<double>> samples;
    for (const CellResult* cell : group.cells) {
      if (const auto* found = final_metric(*cell, request.spec.split, metric)) samples.push_back(found->values);
    }
    if (!samples.empty()) strips.push_back({group.label, sorted_mean(samples)});
  }
  return strips;
}

/// Ticks of a colour scale of that height, inches.
std::vector<Tick> scale_ticks(double largest, double height) {
  std::vector<Tick> ticks;
  for (const double at : nice_ticks({0, largest}, false, std::max(1, static_cast<int>(height / 0.3)))) {
    ticks.push_back({at, with_power(fmt::format("{:.4g}", at))});
  }
  return ticks;
}

/// Adds the colour scale on the right of a panel.
void add_scale(Panel& panel, double largest, double height, const std::string& unit) {
  panel.scale = {largest, scale_ticks(largest, height), unit};
  panel.settings = {"unset grid",
                    "set palette defined (0 '#FFFFFF', 0.25 '#C6DBEF', 0.5 '#6BAED6', 0.75 '#2171B5', 1 '#08306B')",
                    fmt::format("set cbrange [0:{}]", number(largest)), "unset cbtics", "set xtics scale 0.5"};
}

void add_panel(Figure& figure, const std::string& what, const std::vector<Strip>& strips, double largest,
               const std::string& unit) {
  Panel panel;
  Rows rows, absent;
  std::size_t dims = 0;
  for (const auto& strip : strips) dims = std::max(dims, strip.values.size());
  for (std::size_t i = 0; i < strips.size(); ++i) {
    const double y = static_cast<double>(strips.size() - i);
    const auto& values = strips[i].values;
    panel.y_ticks.push_back({y, strips[i].label});
    for (std::size_t j = 0; j < values.size(); ++j) rows.push_back({static_cast<double>(j + 1), y, values[j]});
    if (values.size() < dims) {
      absent.push_back({static_cast<double>(values.size()) + 0.5, static_cast<double>(dims) + 0.5, y});
    }
  }
  panel.x = {0.5, static_cast<double>(dims) + 0.5};
  panel.y = {0.5, static_cast<double>(strips.size()) + 0.5};
  panel.x_label = "dimension (sorted within each run)";
  panel.whole_x = true;
  add_scale(panel, largest, figure.panel_height, unit);
  const auto data = figure.add(what + ": dimension, strip from below, value", rows);
  panel.plots = {fmt::format(
      "{} using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror lc palette fs solid 1 noborder", data)};
  if (!absent.empty()) {
    panel.plots.push_back(
        fmt::format("{} using 1:3:1:2:($3-0.5):($3+0.5) with boxxyerror lc rgb '#AAAAAA' fs pattern 4 noborder",
                    figure.add("dimensions that are not there: from, to, strip from below", absent)));
    figure.notes.push_back("hatched: the model has no such dimension");
  }
  figure.panels.push_back(std::move(panel));
}

/// "nats": of what stands in the title.
std::string unit_of(const std::string& metric) {
  const std::string units = metric_info(metric).units;
  return units == "1" ? "" : units.substr(0, units.find(" per "));
}

double largest_of(const std::vector<Strip>& strips) {
  double largest = 0;
  for (const auto& strip : strips) {
    for (const double value : strip.values) largest = std::max(largest, value);
  }
  return largest;
}

std::int64_t count_below_zero(const std::vector<Strip>& strips) {
  std::int64_t count = 0;
  for (const auto& strip : strips)
    count += std::count_if(strip.values.begin(), strip.values.end(), [](double value) { return value < 0; });
  return count;
}

/// A per-dimension metric (default kl_dim, sorted within each cell, mean over seeds) by method.
Figure make_heatmap(const Request& request) {
  const std::string metric = request.spec.metrics.empty() ? "kl_dim" : request.spec.metrics[0];
  check_metric(request, metric);
  const auto strips = strips_by_group(request, metric);
  Figure figure = request.figure(fmt::format("{}, {}", display_metric(metric, request.spec.names), request.spec.split));
  figure.panel_height = std::clamp(0.2 * static_cast<double>(strips.size()), 0.6, 6.0);
  const double largest = largest_of(strips);
  add_panel(figure, metric, strips, largest > 0 ? largest : 1, unit_of(metric));
  if (const auto below = count_below_zero(strips); below > 0)
    figure.notes.push_back(fmt::format("{} values below 0 have the colour of 0", below));
  figure.notes.insert(figure.notes.begin(), seeds_note(seed_counts(request.groups), "sorted first"));
  return figure;
}

KLBENCH_FIGURE(make_heatmap, {.spec = {.key = "heatmap", .summary = "a metric of every dimension by method"},
                              .takes = {"metric", "split"},
                              .metric_help = "a metric of every dimension (default: kl_dim)"});

}  // namespace

}  // namespace klbench
