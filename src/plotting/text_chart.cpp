#include "plotting/text_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace klbench {

namespace {

/// Cells of 2 by 4 dots, or of one.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows, bool utf8)
      : columns_(columns), wide_(utf8 ? 2 : 1), high_(utf8 ? 4 : 1), cells_(columns * rows) {}

  double last_x() const { return static_cast<double>(columns_ * wide_ - 1); }
  double last_y() const { return static_cast<double>(cells_.size() / columns_ * high_ - 1); }

  /// In dots, from the upper left.
  void line(double x0, double y0, double x1, double y1, const TextCurve& curve) {
    const double steps = std::max({1.0, std::ceil(std::abs(x1 - x0)), std::ceil(std::abs(y1 - y0))});
    for (double i = 0; i <= steps; ++i) dot(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps, curve);
  }

  void mark(double x, double y, const TextCurve& curve) {
    Cell& cell = at(x, y);
    cell = {0, curve.marker, curve.colour};
  }

  std::string row(std::size_t row) const {
    std::string text;
    for (std::size_t i = row * columns_; i < (row + 1) * columns_; ++i) {
      const Cell& cell = cells_[i];
      const std::string shown = cell.dots == 0 ? cell.text : braille(cell.dots);
      text += shown.empty() ? " " : in_colour(cell.colour, shown);
    }
    return text;
  }

 private:
  struct Cell {
    unsigned dots = 0;
    std::string text, colour;
  };

  static std::size_t whole(double value) { return static_cast<std::size_t>(std::lround(value)); }
  Cell& at(double x, double y) { return cells_[whole(y) / high_ * columns_ + whole(x) / wide_]; }

  void dot(double x, double y, const TextCurve& curve) {
    static constexpr std::array<std::array<unsigned, 2>, 4> kDots = {{{1, 8}, {2, 16}, {4, 32}, {64, 128}}};
    Cell& cell = at(x, y);
    cell.colour = curve.colour;
    if (high_ == 1) {
      cell.text = curve.marker;
    } else {
      cell.dots |= kDots[whole(y) % high_][whole(x) % wide_];
    }
  }

  /// U+2800 and its dots.
  static std::string braille(unsigned dots) {
    return {'\xE2', static_cast<char>(0xA0 | dots >> 6), static_cast<char>(0x80 | (dots & 63))};
  }

  std::size_t columns_, wide_, high_;
  std::vector<Cell> cells_;
};

struct Extent {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void see(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Its place between 0 and `last`.
  double place(double value, double last) const { return (value - low) / (high - low) * last; }
};

int channel(const std::string& colour, std::size_t at) { return std::stoi(colour.substr(at, 2), nullptr, 16); }

}  // namespace

std::string text_marker(const Style& style, std::size_t index, bool utf8) {
  static const std::map<int, const char*> kMarkers = {{1, "+"},  {2, "×"},  {3, "*"},  {4, "□"},  {5, "■"},
                                                      {6, "○"},  {7, "●"},  {8, "△"},  {9, "▲"},  {10, "▽"},
                                                      {11, "▼"}, {12, "◇"}, {13, "◆"}, {14, "⬠"}, {15, "⬟"}};
  if (utf8) return kMarkers.at(style.point);
  return std::string(1, static_cast<char>((index / 26 % 2 == 0 ? 'a' : 'A') + static_cast<int>(index % 26)));
}

std::string terminal_colour(const std::string& colour, bool true_colour) {
  const std::array<int, 3> rgb = {channel(colour, 1), channel(colour, 3), channel(colour, 5)};
  if (std::max({rgb[0], rgb[1], rgb[2]}) < 64) return "";
  if (true_colour) return fmt::format("\x1b[38;2;{};{};{}m", rgb[0], rgb[1], rgb[2]);
  const auto level = [](int value) { return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40; };
  return fmt::format("\x1b[38;5;{}m", 16 + 36 * level(rgb[0]) + 6 * level(rgb[1]) + level(rgb[2]));
}

std::string in_colour(const std::string& colour, const std::string& text) {
  return colour.empty() ? text : colour + text + "\x1b[0m";
}

std::vector<std::string> text_chart(const std::vector<TextCurve>& curves, double last_epoch, std::size_t width,
                                    std::size_t height, bool utf8) {
  Extent x, y;
  for (const auto& curve : curves) {
    for (const auto& [epoch, value] : curve.points) {
      x.see(epoch);
      y.see(value);
    }
  }
  x.see(std::max(last_epoch, x.low + 1));
  if (y.high <= y.low) {
    const double room = y.low == 0 ? 1 : 0.1 * std::abs(y.low);
    y.low -= room;
    y.high += room;
  }
  const std::size_t rows = height - 2;
  std::vector<std::string> labels(rows);
  labels.front() = fmt::format("{:.3g}", y.high);
  labels[rows / 2] =
      fmt::format("{:.3g}", y.high - (y.high - y.low) * static_cast<double>(rows / 2) / static_cast<double>(rows - 1));
  labels.back() = fmt::format("{:.3g}", y.low);
  std::size_t margin = 0;
  for (const auto& label : labels) margin = std::max(margin, label.size());
  const std::size_t columns = width - margin - 2;
  Canvas canvas(columns, rows, utf8);
  const auto place = [&](const std::pair<double, double>& point) {
    return std::pair{x.place(point.first, canvas.last_x()), canvas.last_y() - y.place(point.second, canvas.last_y())};
  };
  for (const auto& curve : curves) {
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
      const auto [x0, y0] = place(curve.points[i > 0 ? i - 1 : 0]);
      const auto [x1, y1] = place(curve.points[i]);
      canvas.line(x0, y0, x1, y1, curve);
    }
  }
  for (const auto& curve : curves) {
    if (curve.points.empty()) continue;
    const auto [end_x, end_y] = place(curve.points.back());
    canvas.mark(end_x, end_y, curve);
  }
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows; ++row) {
    lines.push_back(fmt::format("{:>{}} {}{}", labels[row], margin, utf8 ? "│" : "|", canvas.row(row)));
  }
  std::string axis;
  for (std::size_t i = 0; i < columns; ++i) axis += utf8 ? "─" : "-";
  lines.push_back(fmt::format("{:>{}} {}{}", "", margin, utf8 ? "└" : "+", axis));
  const std::string first = fmt::format("epoch {:.0f}", x.low), last = fmt::format("{:.0f}", x.high);
  lines.push_back(
      fmt::format("{:>{}}{}{:>{}}", "", margin + 2, first, last, columns - std::min(columns, first.size())));
  return lines;
}

}  // namespace klbench
