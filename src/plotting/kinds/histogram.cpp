#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numbers>

#include "config/figures.h"
#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

constexpr const char* kMetric = "posterior_histogram";
constexpr const char* kPriorLine = "lw 4 lc rgb '#C8C8C8'";  // wide and below the others, to be seen where they agree

/// Density of every dimension over equal bins.
struct Histogram {
  std::size_t dims = 0;
  std::size_t bins = 0;
  double low = 0;
  double width = 0;
  const std::vector<double>* densities = nullptr;

  double density(std::size_t j, std::size_t b) const { return (*densities)[j * bins + b]; }
};

double attribute(const Request& request, const FinalMetric& metric, const std::string& name) {
  const auto found = metric.attributes.find(name);
  if (found != metric.attributes.end()) {
    if (const auto* integer = std::get_if<std::int64_t>(&found->second)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&found->second)) return *real;
  }
  request.fail(fmt::format("{} has no numeric attribute '{}'", kMetric, name));
}

Histogram read_histogram(const Request& request, const FinalMetric& metric) {
  Histogram histogram;
  const double dims = attribute(request, metric, "dims");
  const double bins = attribute(request, metric, "bins");
  histogram.low = attribute(request, metric, "low");
  const double high = attribute(request, metric, "high");
  if (dims < 1 || bins < 1 || dims * bins != static_cast<double>(metric.values.size()) || !(high > histogram.low)) {
    request.fail(fmt::format("{} has {} values for {} dims of {} bins in [{}, {}]", kMetric, metric.values.size(), dims,
                             bins, histogram.low, high));
  }
  histogram.dims = static_cast<std::size_t>(dims);
  histogram.bins = static_cast<std::size_t>(bins);
  histogram.width = (high - histogram.low) / bins;
  histogram.densities = &metric.values;
  return histogram;
}

Panel make_panel(Figure& figure, const Group& group, const Histogram& histogram) {
  Panel panel;
  panel.title = group.label;
  panel.x_label = "z (one dimension)";
  panel.y_label = "density";
  panel.x = {histogram.low, histogram.low + histogram.width * static_cast<double>(histogram.bins)};
  const bool standard = prior_of(group) == "standard";
  if (standard) panel.plots.push_back(fmt::format("exp(-x*x/2)/sqrt(2*pi) with lines {}", kPriorLine));
  Rows mean(histogram.bins, {0, 0});
  double highest = 0;
  for (std::size_t j = 0; j < histogram.dims; ++j) {
    Rows rows;
    for (std::size_t b = 0; b < histogram.bins; ++b) {
      const double x = histogram.low + histogram.width * (static_cast<double>(b) + 0.5);
      const double density = histogram.density(j, b);
      rows.push_back({x, density});
      mean[b] = {x, mean[b][1] + density / static_cast<double>(histogram.dims)};
      highest = std::max(highest, density);
    }
    const auto data = figure.add(fmt::format("{}, dimension {}: z, density", group.label, j), rows);
    panel.plots.push_back(
        fmt::format("{} using 1:2 with lines lw 0.5 lc rgb '{}'", data, lighten(group.style.colour, 0.55)));
  }
  const auto data = figure.add(fmt::format("{}, mean over dimensions: z, density", group.label), mean);
  panel.plots.push_back(fmt::format("{} using 1:2 with lines lw 1.8 lc rgb '{}'", data, group.style.colour));
  panel.settings.push_back("set samples 200");
  panel.y = {0, 1.08 * std::max(highest, standard ? 1 / std::sqrt(2 * std::numbers::pi) : 0)};
  return panel;
}

/// Aggregated posterior of every dimension, against N(0, 1) where that is the prior; a panel a method.
Figure make_histogram(const Request& request) {
  Figure figure =
      request.figure(fmt::format("Aggregated posterior against the prior, {}, one seed", request.spec.split));
  for (const auto& group : request.groups) {
    for (const CellResult* cell : group.cells) {
      const FinalMetric* metric = final_metric(*cell, request.spec.split, kMetric);
      if (!metric) continue;
      figure.panels.push_back(make_panel(figure, group, read_histogram(request, *metric)));
      break;
    }
  }
  if (figure.panels.empty()) {
    request.fail(fmt::format("no cell has {} on {}; it is recorded on test, for methods with a latent variable",
                             kMetric, request.spec.split));
  }
  figure.columns = static_cast<int>(std::min<std::size_t>(figure.panels.size(), 3));
  figure.panel_width = 1.8;
  figure.panel_height = 1.25;
  figure.narrowest = 0.8;
  figure.legend = {{"one dimension", "lw 0.5 lc rgb '#888888'", ""},
                   {"mean over dimensions", "lw 1.8 lc rgb '#444444'", ""}};
  std::set<std::string> others;
  bool any_standard = false;
  for (const auto& group : request.groups) {
    if (group.cells.empty() || is_language_model(group.method)) continue;
    if (prior_of(group) == "standard") {
      any_standard = true;
    } else {
      others.insert(prior_of(group));
    }
  }
  if (any_standard) figure.legend.push_back({"prior N(0, 1)", kPriorLine, ""});
  if (!others.empty()) figure.notes.push_back(fmt::format("not drawn: priors {}", fmt::join(others, ", ")));
  return figure;
}

KLBENCH_FIGURE(make_histogram,
               {.spec = {.key = "histogram", .summary = "aggregated posterior of every dimension against the prior"},
                .takes = {"split"}});

}  // namespace

}  // namespace klbench
