#include <fmt/format.h>

#include <algorithm>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

constexpr const char* kPictures = "image_grid";
constexpr double kGap = 0.55;  // grey between pictures

/// What the rows of a grid hold (metrics/image_grid.h).
std::vector<std::string> row_names(std::size_t rows) {
  if (rows == 2) return {"data", "drawn"};
  return {"data", "reconstruction", "prior", "interpolation", ""};
}

struct Grid {
  std::size_t rows, columns, height, width;
  const std::vector<double>& values;
};

std::size_t attribute(const FinalMetric& metric, const std::string& name) {
  const auto found = metric.attributes.find(name);
  const auto* value = found == metric.attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return value && *value > 0 ? static_cast<std::size_t>(*value) : 0;
}

/// The pictures side by side with a pixel between them, as a matrix from the bottom up; the mean over channels.
Rows matrix_of(const Grid& grid, std::size_t channels) {
  const std::size_t lines = grid.rows * (grid.height + 1) - 1, cells = grid.columns * (grid.width + 1) - 1;
  Rows matrix(lines, std::vector<double>(cells, kGap));
  for (std::size_t i = 0; i < grid.values.size(); ++i) {
    const std::size_t x = i % grid.width, y = i / grid.width % grid.height;
    const std::size_t picture = i / (grid.width * grid.height * channels),
                      channel = i / (grid.width * grid.height) % channels;
    auto& value = matrix[lines - 1 - (picture / grid.columns * (grid.height + 1) + y)]
                        [picture % grid.columns * (grid.width + 1) + x];
    value = (channel == 0 ? 0 : value) + grid.values[i] / static_cast<double>(channels);
  }
  return matrix;
}

Panel make_panel(Figure& figure, const std::string& label, const Grid& grid, const Rows& matrix) {
  Panel panel;
  panel.title = label;
  const auto lines = static_cast<double>(matrix.size()), cells = static_cast<double>(matrix[0].size());
  panel.x = {-0.5, cells - 0.5};
  panel.y = {-0.5, lines - 0.5};
  panel.x_ticks = {{0, " "}};
  const auto names = row_names(grid.rows);
  for (std::size_t row = 0; row < grid.rows; ++row) {
    const double middle =
        lines - 1 - static_cast<double>(row * (grid.height + 1)) - static_cast<double>(grid.height) / 2;
    if (!names[row].empty()) panel.y_ticks.push_back({middle, names[row]});
  }
  panel.settings = {"unset grid", "unset colorbox", "set palette gray", "set cbrange [0:1]", "set tics scale 0"};
  panel.plots = {fmt::format("{} matrix with image", figure.add(label + ": grey, bottom up", matrix))};
  return panel;
}

/// Pictures of a model of images: examples, reconstructions, draws from the prior, interpolations; a panel a method.
Figure make_images(const Request& request) {
  Figure figure = request.figure(fmt::format("Images, {}, one seed", request.spec.split));
  double lines = 0, cells = 1;  // of the tallest grid
  for (const auto& group : request.groups) {
    for (const CellResult* cell : group.cells) {
      const FinalMetric* metric = final_metric(*cell, request.spec.split, kPictures);
      if (!metric) continue;
      const Grid grid{attribute(*metric, "rows"), attribute(*metric, "columns"), attribute(*metric, "height"),
                      attribute(*metric, "width"), metric->values};
      const std::size_t channels = attribute(*metric, "channels");
      const std::size_t pixels = grid.rows * grid.columns * channels * grid.height * grid.width;
      if (pixels == 0 || pixels != metric->values.size() || (grid.rows != 2 && grid.rows != 5)) {
        request.fail(fmt::format("{} has {} values, which its attributes do not say how to lay out", kPictures,
                                 metric->values.size()));
      }
      const Rows matrix = matrix_of(grid, channels);
      lines = std::max(lines, static_cast<double>(matrix.size()));
      cells = static_cast<double>(matrix[0].size());
      figure.panels.push_back(make_panel(figure, group.label, grid, matrix));
      break;
    }
  }
  if (figure.panels.empty()) {
    request.fail(fmt::format("no cell has {} on {}; it is recorded on test, for models of images", kPictures,
                             request.spec.split));
  }
  figure.columns = static_cast<int>(std::min<std::size_t>(figure.panels.size(), 3));
  figure.panel_width = 2.2;
  figure.panel_height = figure.panel_width * lines / cells;
  figure.keeps_shape = true;
  for (auto& panel : figure.panels) panel.y.low = panel.y.high - lines;  // pictures keep their shape
  figure.notes.insert(figure.notes.begin(),
                      "reconstructions at the posterior mean; interpolations between two posterior means");
  return figure;
}

KLBENCH_FIGURE(make_images,
               {.spec = {.key = "images",
                         .summary = "examples, reconstructions, prior samples and interpolations of a model of images"},
                .takes = {"split"}});

}  // namespace

}  // namespace klbench
