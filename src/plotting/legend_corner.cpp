#include "plotting/legend_corner.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace klbench {

namespace {

constexpr double kEdge = 0.05;  // inches between the box and the panel's edges
constexpr int kSteps = 12;      // places looked at on each piece of a line

using Spot = std::pair<double, double>;  // inches

/// Where a part of a plot command ("$d3 using 1:2 with lines ...") draws.
void add_spots(const Figure& figure, const Panel& panel, const Box& box, const std::string& plot,
               std::vector<Spot>& spots) {
  std::size_t block = 0;
  std::size_t x = 0, y = 0, high = 0;
  const auto dollar = plot.find("$d"), columns = plot.find("using ");
  if (dollar == std::string::npos || columns == std::string::npos) return;
  if (std::sscanf(plot.c_str() + dollar, "$d%zu", &block) != 1 || block >= figure.data.size()) return;
  const int read = std::sscanf(plot.c_str() + columns, "using %zu:%zu:%zu", &x, &y, &high);
  if (read < 2) return;
  const auto spot = [&](const std::vector<double>& row, std::size_t column) {
    return Spot(place(row[x - 1], panel.x, panel.log_x, box.left, box.right),
                place(row[column - 1], panel.y, panel.log_y, box.bottom, box.top));
  };
  const bool joined = plot.find("with lines") != std::string::npos || plot.find("filledcurves") != std::string::npos;
  for (const std::size_t column : {y, read == 3 ? high : y}) {
    std::optional<Spot> before;
    for (const auto& row : figure.data[block].rows) {
      if (x < 1 || column < 1 || std::max(x, column) > row.size()) continue;
      const Spot now = spot(row, column);
      for (int i = 1; joined && before && i < kSteps; ++i) {
        const double share = static_cast<double>(i) / kSteps;
        spots.emplace_back(before->first + share * (now.first - before->first),
                           before->second + share * (now.second - before->second));
      }
      spots.push_back(now);
      before = now;
    }
  }
}

}  // namespace

Box emptiest_corner(const Figure& figure, const Box& panel, double width, double height) {
  std::vector<Spot> spots;
  for (const auto& plot : figure.panels[0].plots) add_spots(figure, figure.panels[0], panel, plot, spots);
  const double right = panel.right - kEdge - width, left = panel.left + kEdge;
  const double top = panel.top - kEdge, bottom = panel.bottom + kEdge + height;
  std::optional<std::pair<std::ptrdiff_t, Box>> best;
  for (const auto& [x, y] : {Spot(right, top), Spot(left, top), Spot(right, bottom), Spot(left, bottom),
                             Spot(right, (top + bottom) / 2), Spot((left + right) / 2, top)}) {
    const Box box{x, x + width, y - height, y};
    const auto hidden = std::count_if(spots.begin(), spots.end(), [&](const Spot& spot) {
      return spot.first > box.left - kEdge && spot.first < box.right + kEdge && spot.second > box.bottom - kEdge &&
             spot.second < box.top + kEdge;
    });
    if (!best || hidden < best->first) best = {hidden, box};
  }
  return best->second;
}

}  // namespace klbench
