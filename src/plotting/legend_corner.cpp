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

/// Rows of the data block of a part of a plot command ("$d3 using ..."); none where it draws no block.
const Rows& rows_of(const Figure& figure, const std::string& plot) {
  static const Rows none;
  std::size_t block = 0;
  const auto dollar = plot.find("$d");
  const bool known = dollar != std::string::npos && std::sscanf(plot.c_str() + dollar, "$d%zu", &block) == 1;
  return known && block < figure.data.size() ? figure.data[block].rows : none;
}

/// Where the data of a panel is drawn.
class Spots {
 public:
  Spots(const Figure& figure, const Box& box) : panel_(figure.panels[0]), box_(box) {
    for (std::size_t i = panel_.helping; i < panel_.plots.size(); ++i) add(rows_of(figure, panel_.plots[i]), i);
  }

  bool any_in(const Box& box) const {
    return std::any_of(spots_.begin(), spots_.end(), [&](const Spot& spot) {
      return spot.first > box.left - kEdge && spot.first < box.right + kEdge && spot.second > box.bottom - kEdge &&
             spot.second < box.top + kEdge;
    });
  }

 private:
  Spot at(double x, double y) const {
    return {place(x, panel_.x, panel_.log_x, box_.left, box_.right),
            place(y, panel_.y, panel_.log_y, box_.bottom, box_.top)};
  }

  void add_line(Spot from, Spot to) {  // by value: `from` may be the last of the spots, which grow
    for (int i = 0; i <= kSteps; ++i) {
      const double share = static_cast<double>(i) / kSteps;
      spots_.emplace_back(from.first + share * (to.first - from.first),
                          from.second + share * (to.second - from.second));
    }
  }

  /// What a part of the plot command draws of its rows: bars from the axis, arrows, points, lines, bands.
  void add(const Rows& rows, std::size_t part) {
    const std::string& plot = panel_.plots[part];
    std::size_t columns[4] = {0, 0, 0, 0};
    const auto has = [&](const char* what) { return plot.find(what) != std::string::npos; };
    const auto from = plot.find("using ");
    if (from == std::string::npos) return;
    if (has("boxxyerror")) {
      for (const auto& row : rows) add_line({box_.left, at(0, row.at(1)).second}, at(row[0], row[1]));
      return;
    }
    const int read =
        std::sscanf(plot.c_str() + from, "using %zu:%zu:%zu:%zu", &columns[0], &columns[1], &columns[2], &columns[3]);
    if (read < 2) return;
    const auto value = [&](const auto& row, int i) { return row.at(columns[i] - 1); };
    if (has("with vectors") && read == 4) {
      for (const auto& row : rows)
        add_line(at(value(row, 0), value(row, 1)), at(value(row, 0) + value(row, 2), value(row, 1) + value(row, 3)));
      return;
    }
    const bool is_band = has("filledcurves");
    for (const int y : {1, is_band && read == 3 ? 2 : 1}) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Spot now = at(value(rows[i], 0), value(rows[i], y));
        const bool is_joined = i > 0 && (is_band || has("with lines"));
        add_line(is_joined ? spots_.back() : now, now);
      }
    }
  }

  const Panel& panel_;
  const Box& box_;
  std::vector<Spot> spots_;
};

}  // namespace

std::optional<Box> empty_corner(const Figure& figure, const Box& panel, double width, double height) {
  const Spots spots(figure, panel);
  const double right = panel.right - kEdge - width, left = panel.left + kEdge;
  const double top = panel.top - kEdge, bottom = panel.bottom + kEdge + height;
  for (const auto& [x, y] : {Spot(right, top), Spot(left, top), Spot(right, bottom), Spot(left, bottom),
                             Spot(right, (top + bottom) / 2), Spot((left + right) / 2, top)}) {
    const Box box{x, x + width, y - height, y};
    if (!spots.any_in(box)) return box;
  }
  return std::nullopt;
}

}  // namespace klbench
