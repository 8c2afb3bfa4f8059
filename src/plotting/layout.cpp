#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "plotting/figure.h"

namespace klbench {

namespace {

// Inches and points of everything around the panels.
constexpr double kTitlePoints = 9;
constexpr double kTextPoints = 8;
constexpr double kSmallPoints = 7;
constexpr double kLine = 0.145;      // one line of text
constexpr double kSmallLine = 0.12;  // one line of a note
constexpr double kMargin = 0.08;
constexpr double kSample = 0.34;        // a legend's sample line
constexpr std::size_t kLegendRows = 8;  // a longer legend widens the figure,
constexpr double kWidestLegend = 6.9;   // up to these inches
constexpr const char* kInk = "#222222";
constexpr const char* kGrey = "#666666";

struct Box {
  double left = 0, right = 0, bottom = 0, top = 0;  // inches from the lower left corner of the figure
};

/// `text` in lines of at most `length` inches, as far as it has spaces; none where it is empty.
std::vector<std::string> fitting_lines(const std::string& text, double length) {
  if (text.empty()) return {};
  if (text_width(text, kTextPoints) <= length) return {text};
  return wrap(text, static_cast<std::size_t>(length / text_width("x", kTextPoints)));
}

/// An axis label in lines; where it is too long, its unit in brackets stands on a line of its own.
std::vector<std::string> label_lines(const std::string& label, double length) {
  const std::size_t unit = label.rfind(" (");
  if (unit == std::string::npos || text_width(label, kTextPoints) <= length + 0.2) {
    return fitting_lines(label, length + 0.2);
  }
  auto lines = fitting_lines(label.substr(0, unit), length + 0.2);
  lines.push_back(label.substr(unit + 1));
  return lines;
}

/// Where `value` stands on an axis from `low` to `high` inches.
double place(double value, const Range& range, bool log, double low, double high) {
  const double share = log ? std::log(value / range.low) / std::log(range.high / range.low)
                           : (value - range.low) / (range.high - range.low);
  return low + share * (high - low);
}

/// Whether the ticks' texts stand side by side on an x axis of that length.
bool side_by_side(const std::vector<Tick>& ticks, const Panel& panel, double length) {
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    const double gap =
        place(ticks[i].at, panel.x, panel.log_x, 0, length) - place(ticks[i - 1].at, panel.x, panel.log_x, 0, length);
    const std::string both = one_line(ticks[i - 1].text) + one_line(ticks[i].text);
    if (gap < text_width(both, kTextPoints) / 2 + 0.08) return false;
  }
  return true;
}

std::vector<Tick> ticks_of(const Panel& panel, bool on_x, double length) {
  const auto& given = on_x ? panel.x_ticks : panel.y_ticks;
  if (!given.empty()) return given;
  for (int count = std::max(2, static_cast<int>(length / (on_x ? 0.45 : 0.4)));; --count) {
    std::vector<Tick> ticks;
    for (const double at :
         on_x ? nice_ticks(panel.x, panel.log_x, count, panel.whole_x) : nice_ticks(panel.y, panel.log_y, count)) {
      ticks.push_back({at, fmt::format("{:.6g}", at)});
    }
    if (!on_x || count <= 2 || side_by_side(ticks, panel, length)) return ticks;
  }
}

double widest(const std::vector<Tick>& ticks) {
  double width = 0;
  for (const auto& tick : ticks) width = std::max(width, text_width(one_line(tick.text), kTextPoints));
  return width;
}

/// Space a panel needs around its plotting area: a Box of widths.
Box surroundings(const Panel& panel, const Figure& figure) {
  const auto x_ticks = ticks_of(panel, true, figure.panel_width);
  const auto y_ticks = ticks_of(panel, false, figure.panel_height);
  Box space;
  space.left =
      widest(y_ticks) + 0.16 + kLine * static_cast<double>(label_lines(panel.y_label, figure.panel_height).size());
  space.right = panel.right;
  space.top = 0.08 + 0.16 * static_cast<double>(fitting_lines(panel.title, figure.panel_width + 0.3).size());
  const double tick_height = panel.diagonal_x_ticks ? 0.1 + 0.6 * widest(x_ticks) : kLine;
  space.bottom = 0.08 + (x_ticks.empty() ? 0 : tick_height) +
                 kLine * static_cast<double>(label_lines(panel.x_label, figure.panel_width).size());
  return space;
}

/// Places panels, title, legend and notes and writes the commands that draw them.
class Layout {
 public:
  explicit Layout(const Figure& figure) : figure_(figure) {}

  Script run() {
    measure();
    commands_.push_back("set multiplot");
    for (std::size_t i = 0; i < figure_.panels.size(); ++i) draw_panel(figure_.panels[i], boxes_[i]);
    draw_overlay();
    commands_.push_back("unset multiplot");
    commands_.push_back("reset");
    return {figure_.data, commands_, width_, height_};
  }

 private:
  void measure() {
    const auto columns = static_cast<std::size_t>(std::max(1, figure_.columns));
    const std::size_t rows = (figure_.panels.size() + columns - 1) / columns;
    std::vector<Box> column_space(columns);
    std::vector<Box> row_space(rows);
    for (std::size_t i = 0; i < figure_.panels.size(); ++i) {
      const Box space = surroundings(figure_.panels[i], figure_);
      Box& column = column_space[i % columns];
      Box& row = row_space[i / columns];
      column.left = std::max(column.left, space.left);
      column.right = std::max(column.right, space.right);
      row.top = std::max(row.top, space.top);
      row.bottom = std::max(row.bottom, space.bottom);
    }
    width_ = kMargin;
    for (const auto& space : column_space) width_ += space.left + figure_.panel_width + space.right;
    measure_legend();
    note_lines_.clear();
    for (const auto& note : figure_.notes) {
      const auto lines =
          wrap(one_line(note), static_cast<std::size_t>((width_ - 2 * kMargin) / text_width("x", kSmallPoints)));
      note_lines_.insert(note_lines_.end(), lines.begin(), lines.end());
    }
    const double below = kMargin + kSmallLine * static_cast<double>(note_lines_.size()) + legend_height_;
    title_lines_ =
        figure_.title.empty() ? std::vector<std::string>{} : wrap(one_line(figure_.title), title_characters());
    height_ = below + 0.17 * static_cast<double>(title_lines_.size()) + 0.04;
    for (const auto& space : row_space) height_ += space.top + figure_.panel_height + space.bottom;

    double top = height_ - 0.04 - 0.17 * static_cast<double>(title_lines_.size());
    for (std::size_t row = 0; row < rows; ++row) {
      top -= row_space[row].top;
      double left = kMargin / 2;
      for (std::size_t column = 0; column < columns; ++column) {
        left += column_space[column].left;
        if (row * columns + column < figure_.panels.size()) {
          boxes_.push_back({left, left + panel_width_, top - figure_.panel_height, top});
        }
        left += panel_width_ + column_space[column].right;
      }
      top -= figure_.panel_height + row_space[row].bottom;
    }
  }

  std::size_t title_characters() const {
    return static_cast<std::size_t>((width_ - 2 * kMargin) / text_width("x", kTitlePoints));
  }

  /// Width of every legend column when the entries stand in rows of `columns`.
  std::vector<double> legend_widths(std::size_t columns) const {
    std::vector<double> widths(columns, 0.0);
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      const double width = kSample + 0.27 + text_width(one_line(figure_.legend[i].text), kTextPoints);
      widths[i % columns] = std::max(widths[i % columns], width);
    }
    return widths;
  }

  void measure_legend() {
    const std::size_t count = figure_.legend.size();
    if (count == 0) return;
    const auto width = [&](std::size_t columns) {
      const auto widths = legend_widths(columns);
      return std::accumulate(widths.begin(), widths.end(), 2 * kMargin);
    };
    std::size_t columns = count;
    while (columns > 1 && width(columns) > width_) --columns;
    while (columns * kLegendRows < count && width(columns + 1) <= kWidestLegend) ++columns;
    const std::size_t rows = (count + columns - 1) / columns;
    columns = (count + rows - 1) / rows;  // rows of even length
    legend_columns_ = legend_widths(columns);
    panel_width_ += std::max(0.0, width(columns) - width_) / std::max(1, figure_.columns);
    width_ = std::max(width_, width(columns));
    legend_height_ = kLine * static_cast<double>(rows) + 0.07;
  }

  std::string at(double x, double y) const { return fmt::format("screen {:.5f},{:.5f}", x / width_, y / height_); }

  void text(double x, double y, const std::string& what, double points, char align, int rotate = 0,
            const char* colour = kInk) {
    const char* side = align == 'l' ? "left" : align == 'r' ? "right" : "center";
    overlay_.push_back(fmt::format("set label {} at {} {} rotate by {} font ',{}' textcolor rgb '{}' noenhanced front",
                                   quote(what), at(x, y), side, rotate, points, colour));
  }

  void axis(const Panel& panel, bool on_x, double length) {
    const char name = on_x ? 'x' : 'y';
    const Range range = on_x ? panel.x : panel.y;
    if (on_x ? panel.log_x : panel.log_y) commands_.push_back(fmt::format("set logscale {}", name));
    commands_.push_back(fmt::format("set {}range [{}:{}]", name, number(range.low), number(range.high)));
    std::vector<std::string> places;
    for (const auto& tick : ticks_of(panel, on_x, length)) places.push_back(fmt::format("'' {}", number(tick.at)));
    // Tick texts are placed with all other text, where no format string is expanded in them.
    commands_.push_back(fmt::format("set {}tics scale 0.5 nomirror out ({})", name, fmt::join(places, ", ")));
    if (places.empty()) commands_.push_back(fmt::format("unset {}tics", name));
  }

  void draw_panel(const Panel& panel, const Box& box) {
    commands_.push_back("reset");
    commands_.push_back("unset key");
    commands_.push_back(fmt::format("set lmargin at {}", fmt::format("screen {:.5f}", box.left / width_)));
    commands_.push_back(fmt::format("set rmargin at {}", fmt::format("screen {:.5f}", box.right / width_)));
    commands_.push_back(fmt::format("set bmargin at {}", fmt::format("screen {:.5f}", box.bottom / height_)));
    commands_.push_back(fmt::format("set tmargin at {}", fmt::format("screen {:.5f}", box.top / height_)));
    commands_.push_back(fmt::format("set border 3 lw 0.8 lc rgb '{}'", kInk));
    commands_.push_back("set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'");
    axis(panel, true, panel_width_);
    axis(panel, false, figure_.panel_height);
    commands_.insert(commands_.end(), panel.settings.begin(), panel.settings.end());
    commands_.push_back(fmt::format("plot {}", fmt::join(panel.plots, ", ")));
    panel_text(panel, box);
  }

  void panel_text(const Panel& panel, const Box& box) {
    const auto x_of = [&](double x) { return place(x, panel.x, panel.log_x, box.left, box.right); };
    const auto y_of = [&](double y) { return place(y, panel.y, panel.log_y, box.bottom, box.top); };
    const auto x_ticks = ticks_of(panel, true, panel_width_);
    for (const auto& tick : x_ticks) {
      text(x_of(tick.at), box.bottom - 0.11, tick.text, kTextPoints, panel.diagonal_x_ticks ? 'r' : 'c',
           panel.diagonal_x_ticks ? 35 : 0);
    }
    const auto y_ticks = ticks_of(panel, false, figure_.panel_height);
    for (const auto& tick : y_ticks) text(box.left - 0.07, y_of(tick.at), tick.text, kTextPoints, 'r');
    double y = box.bottom - 0.08 - (panel.diagonal_x_ticks ? 0.1 + 0.6 * widest(x_ticks) : x_ticks.empty() ? 0 : kLine);
    for (const auto& line : label_lines(panel.x_label, panel_width_)) {
      text((box.left + box.right) / 2, y - kLine / 2, line, kTextPoints, 'c');
      y -= kLine;
    }
    const auto lines = label_lines(panel.y_label, figure_.panel_height);
    double x = box.left - 0.14 - widest(y_ticks) - kLine * static_cast<double>(lines.size());
    for (const auto& line : lines) {
      text(x + kLine / 2, (box.bottom + box.top) / 2, line, kTextPoints, 'c', 90);
      x += kLine;
    }
    if (!panel.right_label.empty()) {
      text(box.right + panel.right - 0.1 - kLine / 2, (box.bottom + box.top) / 2, panel.right_label, kTextPoints, 'c',
           90);
    }
    const auto title = fitting_lines(panel.title, figure_.panel_width + 0.3);
    for (std::size_t i = 0; i < title.size(); ++i) {
      const double above = 0.11 + kLine * static_cast<double>(title.size() - 1 - i);
      text((box.left + box.right) / 2, box.top + above, title[i], kTextPoints, 'c');
    }
    for (const auto& mark : panel.texts) {
      text(x_of(mark.x), y_of(mark.y), mark.text, kSmallPoints, mark.align, mark.rotate, kGrey);
    }
  }

  void draw_legend(double top) {
    const double total = std::accumulate(legend_columns_.begin(), legend_columns_.end(), 0.0);
    double x = 0;
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      const LegendEntry& entry = figure_.legend[i];
      const std::size_t column = i % legend_columns_.size();
      if (column == 0) x = (width_ - total) / 2 + 0.08;
      const double y = top - kLine * (static_cast<double>(i / legend_columns_.size()) + 0.5);
      if (!entry.line.empty()) {
        overlay_.push_back(fmt::format("set arrow from {} to {} nohead {}", at(x, y), at(x + kSample, y), entry.line));
      }
      if (!entry.point.empty()) {
        overlay_.push_back(fmt::format("set label '' at {} point {}", at(x + kSample / 2, y), entry.point));
      }
      text(x + kSample + 0.07, y, entry.text, kTextPoints, 'l');
      x += legend_columns_[column];
    }
  }

  /// One invisible plot over the whole figure that carries all text, so that text goes through one function.
  void draw_overlay() {
    double y = height_ - 0.04;
    for (const auto& line : title_lines_) {
      text(width_ / 2, y - 0.085, line, kTitlePoints, 'c');
      y -= 0.17;
    }
    const double notes_top = kMargin / 2 + kSmallLine * static_cast<double>(note_lines_.size());
    draw_legend(notes_top + legend_height_);
    for (std::size_t i = 0; i < note_lines_.size(); ++i) {
      text(kMargin, notes_top - kSmallLine * (static_cast<double>(i) + 0.5), note_lines_[i], kSmallPoints, 'l', 0,
           kGrey);
    }
    for (const char* command :
         {"reset", "unset key", "unset border", "unset tics", "set lmargin at screen 0", "set rmargin at screen 1",
          "set bmargin at screen 0", "set tmargin at screen 1", "set xrange [0:1]", "set yrange [0:1]"}) {
      commands_.push_back(command);
    }
    commands_.insert(commands_.end(), overlay_.begin(), overlay_.end());
    commands_.push_back("plot -1");
  }

  const Figure& figure_;
  double panel_width_ = figure_.panel_width;  // larger where the legend needs it
  double width_ = 0;
  double height_ = 0;
  std::vector<Box> boxes_;
  std::vector<std::string> title_lines_;
  std::vector<std::string> note_lines_;
  std::vector<double> legend_columns_;  // their widths
  double legend_height_ = 0;
  std::vector<std::string> commands_;
  std::vector<std::string> overlay_;
};

}  // namespace

Script layout(const Figure& figure) { return Layout(figure).run(); }

}  // namespace klbench
