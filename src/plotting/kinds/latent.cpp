#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

constexpr const char* kLatentPoints = "latent_points";
constexpr std::size_t kLegendLabels = 10;  // more labels are drawn, but not named
constexpr std::array kColours = {"#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE",
                                 "#AA3377", "#EE7733", "#222222", "#999999", "#117733"};  // Tol, bright and more

using ByLabel = std::map<long, Rows>;

ByLabel points_by_label(const Request& request, const FinalMetric& metric) {
  if (metric.values.size() % 3 != 0) {
    request.fail(
        fmt::format("{} has {} values; it needs triples (mu_a, mu_b, label)", kLatentPoints, metric.values.size()));
  }
  ByLabel points;
  for (std::size_t i = 0; i < metric.values.size(); i += 3) {
    points[std::lround(metric.values[i + 2])].push_back({metric.values[i], metric.values[i + 1]});
  }
  return points;
}

std::string point_style(std::size_t index, double size) {
  static constexpr std::array kPoints = {7, 5, 9, 13, 11};
  return fmt::format("pt {} ps {} lc rgb '{}'", kPoints[index % kPoints.size()], size,
                     kColours[index % kColours.size()]);
}

/// "mu_3" where the metric says which dimension it is (attributes dim_a, dim_b).
std::string axis_name(const FinalMetric& metric, const std::string& attribute, const std::string& otherwise) {
  const auto found = metric.attributes.find(attribute);
  return found == metric.attributes.end() ? otherwise : "mu_" + to_string(found->second);
}

Panel make_panel(Figure& figure, const Group& group, const FinalMetric& metric, const ByLabel& points,
                 std::map<long, std::size_t>& indices) {
  Panel panel;
  panel.title = group.label;
  panel.x_label = axis_name(metric, "dim_a", "mu_a");
  panel.y_label = axis_name(metric, "dim_b", "mu_b");
  double reach = 0;
  for (const auto& [label, rows] : points) {
    const auto data = figure.add(fmt::format("{}, label {}: mu_a, mu_b", group.label, label), rows);
    panel.plots.push_back(fmt::format("{} using 1:2 with points {}", data,
                                      point_style(indices.try_emplace(label, indices.size()).first->second, 0.28)));
    for (const auto& row : rows) reach = std::max({reach, std::abs(row[0]), std::abs(row[1])});
  }
  reach = reach > 0 ? 1.06 * reach : 1;
  panel.x = panel.y = {-reach, reach};
  return panel;
}

/// Posterior means in two dimensions, coloured by label, a panel a method.
Figure make_latent(const Request& request) {
  Figure figure = request.figure(fmt::format("Posterior means, {}, one seed", request.spec.split));
  std::map<long, std::size_t> indices;  // the same colour for a label in all panels
  for (const auto& group : request.groups) {
    for (const CellResult* cell : group.cells) {
      const FinalMetric* metric = final_metric(*cell, request.spec.split, kLatentPoints);
      if (!metric) continue;
      figure.panels.push_back(make_panel(figure, group, *metric, points_by_label(request, *metric), indices));
      break;
    }
  }
  if (figure.panels.empty()) {
    request.fail(fmt::format("no cell has {} on {}; it is recorded on test, for methods with a latent variable",
                             kLatentPoints, request.spec.split));
  }
  figure.columns = static_cast<int>(std::min<std::size_t>(figure.panels.size(), 3));
  figure.panel_width = figure.panel_height = figure.panels.size() == 1 ? 2.8 : 1.8;
  if (indices.size() <= kLegendLabels) {
    for (const auto& [label, index] : indices)
      figure.legend.push_back({label < 0 ? "no label" : fmt::format("label {}", label), "", point_style(index, 0.7)});
  } else {
    figure.notes.insert(figure.notes.begin(), fmt::format("{} labels; colours and points repeat", indices.size()));
  }
  return figure;
}

KLBENCH_FIGURE(make_latent,
               {.spec = {.key = "latent", .summary = "posterior means in two dimensions, coloured by label"},
                .takes = {"split"}});

}  // namespace

}  // namespace klbench
