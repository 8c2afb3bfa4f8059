#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

constexpr const char* kLatentPoints = "latent_points";
constexpr std::size_t kLegendLabels = 10;  // of more the most frequent are drawn apart, the others in grey
constexpr long kOthers = std::numeric_limits<long>::max();
constexpr std::array kColours = {"#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE",
                                 "#AA3377", "#EE7733", "#222222", "#117733", "#999999"};  // Tol, bright and more

using ByLabel = std::map<long, Rows>;

struct Label {
  std::size_t index;  ///< in ascending order, for colours that are the same in all panels
  std::string name;
};
using Labels = std::map<long, Label>;

ByLabel points_by_label(const FinalMetric& metric, const Labels& labels) {
  ByLabel points;
  for (std::size_t i = 0; i < metric.values.size(); i += 3) {
    const long label = std::lround(metric.values[i + 2]);
    points[labels.contains(label) ? label : kOthers].push_back({metric.values[i], metric.values[i + 1]});
  }
  return points;
}

std::string point_style(const Labels& labels, long label, double size) {
  static constexpr std::array kPoints = {7, 5, 9, 13, 11};
  if (label == kOthers) return fmt::format("pt 7 ps {} lc rgb '#CCCCCC'", 0.8 * size);
  const std::size_t index = labels.at(label).index;
  return fmt::format("pt {} ps {} lc rgb '{}'", kPoints[index % kPoints.size()], size,
                     kColours[index % kColours.size()]);
}

/// "μ₃" where the metric says which dimension it is (attributes dim_a, dim_b).
std::string axis_name(const FinalMetric& metric, const std::string& attribute, const std::string& otherwise) {
  const auto found = metric.attributes.find(attribute);
  const auto* index = found == metric.attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return index ? with_index("μ", *index) : otherwise;
}

/// What a label is called: by the figure's names ("label 3"), else by the metric's attribute label_names (in lines).
std::string label_name(const Request& request, const FinalMetric& metric, long label) {
  if (label < 0) return "no label";
  const std::string number = fmt::format("label {}", label);
  if (const auto name = request.spec.names.find(number); name != request.spec.names.end()) return name->second;
  const auto names = label_names(metric);
  return static_cast<std::size_t>(label) < names.size() ? names[static_cast<std::size_t>(label)] : number;
}

std::string data_name(long label) { return label == kOthers ? "other labels" : fmt::format("label {}", label); }

/// What to do where labels have numbers alone; empty where all have names.
std::string unnamed_note(const Labels& labels) {
  for (const auto& [label, shown] : labels) {
    if (shown.name != fmt::format("label {}", label)) continue;
    return fmt::format("these results do not say what labels are called; names: {{{}: ...}} does", shown.name);
  }
  return "";
}

Panel make_panel(Figure& figure, const Group& group, const FinalMetric& metric, const ByLabel& points,
                 const Labels& labels) {
  Panel panel;
  panel.title = group.label;
  panel.x_label = axis_name(metric, "dim_a", "μ of one dimension");
  panel.y_label = axis_name(metric, "dim_b", "μ of another");
  double reach = 0;
  for (const auto& [label, rows] : points) {
    const auto data = figure.add(fmt::format("{}, {}: mu_a, mu_b", group.label, data_name(label)), rows);
    panel.plots.insert(label == kOthers ? panel.plots.begin() : panel.plots.end(),
                       fmt::format("{} using 1:2 with points {}", data, point_style(labels, label, 0.28)));
    for (const auto& row : rows) reach = std::max({reach, std::abs(row[0]), std::abs(row[1])});
  }
  reach = reach > 0 ? 1.06 * reach : 1;
  panel.x = panel.y = {-reach, reach};
  return panel;
}

/// Of one dimension: a strip of points a label, apart from each other so that they can be counted.
Panel make_strips(Figure& figure, const Group& group, const FinalMetric& metric, const ByLabel& points,
                  const Labels& labels) {
  Panel panel;
  panel.title = group.label;
  panel.x_label = axis_name(metric, "dim_a", "μ");
  std::vector<double> all;
  double y = static_cast<double>(points.size());
  for (const auto& [label, rows] : points) {
    Rows strip;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      strip.push_back({rows[i][0], y + 0.1 * (static_cast<double>(i % 7) - 3)});
      all.push_back(rows[i][0]);
    }
    panel.y_ticks.push_back({y--, label == kOthers ? "other labels" : labels.at(label).name});
    const auto data = figure.add(fmt::format("{}, {}: mu, place", group.label, data_name(label)), strip);
    panel.plots.push_back(fmt::format("{} using 1:2 with points {}", data, point_style(labels, label, 0.28)));
  }
  panel.x = range_of(all, false);
  panel.y = {0.5, static_cast<double>(points.size()) + 0.5};
  return panel;
}

/// Whether there is one dimension, which then stands for both.
bool is_one_dimension(const FinalMetric& metric) {
  const auto a = metric.attributes.find("dim_a"), b = metric.attributes.find("dim_b");
  return a != metric.attributes.end() && b != metric.attributes.end() && a->second == b->second;
}

using DrawnMetric = std::pair<const Group*, const FinalMetric*>;

/// The first finished cell of every group that has the points.
std::vector<DrawnMetric> drawn_metrics(const Request& request) {
  std::vector<DrawnMetric> drawn;
  for (const auto& group : request.groups) {
    for (const CellResult* cell : group.cells) {
      const FinalMetric* metric = final_metric(*cell, request.spec.split, kLatentPoints);
      if (!metric) continue;
      drawn.emplace_back(&group, metric);
      break;
    }
  }
  return drawn;
}

/// The labels that are drawn apart, and how many others there are.
std::pair<Labels, std::size_t> chosen_labels(const Request& request, const std::vector<DrawnMetric>& drawn) {
  std::map<long, std::pair<std::size_t, std::string>> found;  // count and name
  for (const auto& [group, metric] : drawn) {
    if (metric->values.size() % 3 != 0) {
      request.fail(
          fmt::format("{} has {} values; it needs triples (mu_a, mu_b, label)", kLatentPoints, metric->values.size()));
    }
    for (std::size_t i = 2; i < metric->values.size(); i += 3) {
      const long label = std::lround(metric->values[i]);
      const auto [place, is_new] = found.try_emplace(label);
      if (is_new) place->second.second = label_name(request, *metric, label);
      ++place->second.first;
    }
  }
  std::vector<std::pair<std::size_t, long>> by_count;
  for (const auto& [label, of] : found) by_count.emplace_back(of.first, -label);
  std::sort(by_count.rbegin(), by_count.rend());
  if (by_count.size() > kLegendLabels) by_count.resize(kLegendLabels - 1);
  std::set<long> kept;
  for (const auto& [count, label] : by_count) kept.insert(-label);
  Labels labels;
  for (const long label : kept) labels.emplace(label, Label{labels.size(), found[label].second});
  return {labels, found.size() - kept.size()};
}

/// Posterior means in two dimensions, coloured by label, a panel a method; of one dimension a strip a label.
Figure make_latent(const Request& request) {
  Figure figure = request.figure(fmt::format("Posterior means, {}, one seed", request.spec.split));
  const auto drawn = drawn_metrics(request);
  if (drawn.empty()) {
    request.fail(fmt::format("no cell has {} on {}; it is recorded on test, for methods with a latent variable",
                             kLatentPoints, request.spec.split));
  }
  const auto [labels, others] = chosen_labels(request, drawn);
  bool points_only = true;
  for (const auto& [group, metric] : drawn) {
    const ByLabel points = points_by_label(*metric, labels);
    const bool strips = is_one_dimension(*metric);
    points_only = points_only && !strips;
    figure.panels.push_back(strips ? make_strips(figure, *group, *metric, points, labels)
                                   : make_panel(figure, *group, *metric, points, labels));
  }
  figure.columns = static_cast<int>(std::min<std::size_t>(figure.panels.size(), 3));
  figure.panel_width = figure.panel_height = figure.panels.size() == 1 ? 2.8 : 1.8;
  figure.keeps_shape = points_only;
  figure.narrowest = 0.8;
  for (const auto& [label, shown] : labels) figure.explain({shown.name, "", point_style(labels, label, 0.7)});
  if (others > 0) figure.explain({fmt::format("{} other labels", others), "", point_style(labels, kOthers, 0.7)});
  if (auto note = unnamed_note(labels); !note.empty()) figure.notes.insert(figure.notes.begin(), std::move(note));
  return figure;
}

KLBENCH_FIGURE(make_latent,
               {.spec = {.key = "latent", .summary = "posterior means in two dimensions, coloured by label"},
                .takes = {"split"},
                .names_labels = true});

}  // namespace

}  // namespace klbench
