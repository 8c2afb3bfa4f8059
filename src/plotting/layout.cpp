#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "plotting/geometry.h"

namespace klbench {

namespace {

constexpr const char* kInk = "#222222";
constexpr const char* kGrey = "#666666";

/// Writes the commands that draw a figure where its geometry says.
class Layout {
 public:
  explicit Layout(const Figure& figure) : figure_(figure), at_(place_figure(figure)) {}

  Script run() {
    commands_.push_back("set multiplot");
    for (std::size_t i = 0; i < figure_.panels.size(); ++i) draw_panel(figure_.panels[i], at_.panels[i]);
    draw_overlay();
    commands_.push_back("unset multiplot");
    commands_.push_back("reset");
    Script script{figure_.data, commands_, at_.width, at_.height};
    if (!at_.warning.empty()) script.warnings = {at_.warning};
    return script;
  }

 private:
  std::string screen(double x, double y) const {
    return fmt::format("screen {:.5f},{:.5f}", x / at_.width, y / at_.height);
  }

  void text(double x, double y, const std::string& what, double points, char align, int rotate = 0,
            const char* colour = kInk) {
    const char* side = align == 'l' ? "left" : align == 'r' ? "right" : "center";
    overlay_.push_back(
        fmt::format("set label {} at {} {} rotate by {} font ',{:.3g}' textcolor rgb '{}' noenhanced front",
                    quote(what), screen(x, y), side, rotate, points, colour));
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

  void draw_panel(const Panel& panel, const PlacedPanel& placed) {
    const Box& box = placed.box;
    commands_.push_back("reset");
    commands_.push_back("unset key");
    commands_.push_back(fmt::format("set lmargin at screen {:.5f}", box.left / at_.width));
    commands_.push_back(fmt::format("set rmargin at screen {:.5f}", box.right / at_.width));
    commands_.push_back(fmt::format("set bmargin at screen {:.5f}", box.bottom / at_.height));
    commands_.push_back(fmt::format("set tmargin at screen {:.5f}", box.top / at_.height));
    commands_.push_back(fmt::format("set border 3 lw 0.8 lc rgb '{}'", kInk));
    commands_.push_back("set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'");
    axis(panel, true, at_.panel_width);
    axis(panel, false, at_.panel_height);
    commands_.insert(commands_.end(), panel.settings.begin(), panel.settings.end());
    if (panel.scale.largest > 0) {
      commands_.push_back(fmt::format("set colorbox user origin {} size screen {:.5f},{:.5f} noborder",
                                      screen(box.right + kScaleGap, box.bottom), kScaleBar / at_.width,
                                      (box.top - box.bottom) / at_.height));
    }
    commands_.push_back(fmt::format("plot {}", fmt::join(panel.plots, ", ")));
    if (placed.names_x) name_x(panel, box);
    if (placed.names_y) name_y(panel, placed);
    panel_text(panel, placed);
  }

  double x_of(const Panel& panel, const Box& box, double x) const {
    return place(x, panel.x, panel.log_x, box.left, box.right);
  }
  double y_of(const Panel& panel, const Box& box, double y) const {
    return place(y, panel.y, panel.log_y, box.bottom, box.top);
  }

  void name_x(const Panel& panel, const Box& box) {
    const auto ticks = ticks_of(panel, true, at_.panel_width);
    for (const auto& tick : ticks) {
      text(x_of(panel, box, tick.at), box.bottom - 0.11, tick.text, kTextPoints, panel.diagonal_x_ticks ? 'r' : 'c',
           panel.diagonal_x_ticks ? 35 : 0);
    }
    if (at_.x_label_at) return;
    double y = box.bottom - 0.08 - tick_height(panel, ticks);
    for (const auto& line : label_lines(panel.x_label, at_.panel_width)) {
      text((box.left + box.right) / 2, y - kLine / 2, line, kTextPoints, 'c');
      y -= kLine;
    }
  }

  void name_y(const Panel& panel, const PlacedPanel& placed) {
    const Box& box = placed.box;
    const auto ticks = ticks_of(panel, false, at_.panel_height);
    for (const auto& tick : ticks) {
      const auto lines = fitting_lines(one_line(tick.text), longest_tick(figure_));
      double y = y_of(panel, box, tick.at) + kSmallLine * static_cast<double>(lines.size() - !lines.empty()) / 2;
      for (const auto& line : lines) {
        text(box.left - 0.07, y, line, kTextPoints, 'r');
        y -= kSmallLine;
      }
    }
    if (!placed.labels_y) return;
    const auto lines = label_lines(panel.y_label, at_.panel_height);
    double x = box.left - 0.14 - widest(ticks, longest_tick(figure_)) - kLine * static_cast<double>(lines.size());
    for (const auto& line : lines) {
      text(x + kLine / 2, (box.bottom + box.top) / 2, line, kTextPoints, 'c', 90);
      x += kLine;
    }
  }

  /// The labels that all panels share.
  void name_all() {
    if (at_.x_label_at) {
      double right = 0;
      for (const auto& panel : at_.panels) right = std::max(right, panel.box.right);
      text((at_.panels[0].box.left + right) / 2, *at_.x_label_at, figure_.panels[0].x_label, kTextPoints, 'c');
    }
    for (const auto& label : at_.y_labels) {
      double x = label.left;
      for (const auto& line : label.lines) {
        text(x, label.middle, line, kTextPoints, 'c', 90);
        x += kLine;
      }
    }
  }

  void name_scale(const ColourScale& scale, const Box& box) {
    const double left = box.right + 2 * kScaleGap + kScaleBar;
    for (const auto& tick : scale.ticks) {
      text(left, place(tick.at, {0, scale.largest}, false, box.bottom, box.top), tick.text, kTextPoints, 'l');
    }
    if (scale.unit.empty()) return;
    const double unit = left + widest(scale.ticks, HUGE_VAL) + kScaleGap + kLine / 2;
    text(unit, (box.bottom + box.top) / 2, scale.unit, kTextPoints, 'c', 90);
  }

  void panel_text(const Panel& panel, const PlacedPanel& placed) {
    const Box& box = placed.box;
    if (panel.scale.largest > 0) name_scale(panel.scale, box);
    const auto title = fitting_lines(placed.is_titled ? panel.title : "", at_.panel_width + 0.1);
    for (std::size_t i = 0; i < title.size(); ++i) {
      const double above = 0.11 + kLine * static_cast<double>(title.size() - 1 - i);
      const double room = (at_.panel_width + 0.15) / text_width(title[i], kTextPoints);
      text((box.left + box.right) / 2, box.top + above, title[i], kTextPoints * std::min(1.0, room), 'c');
    }
    for (const auto& mark : panel.texts) {
      const double x = x_of(panel, box, mark.x), y = y_of(panel, box, mark.y);
      const bool inside = x >= box.left && y >= box.bottom && y <= box.top && x <= box.right + panel.right;
      if (inside) text(x, y, mark.text, kSmallPoints, mark.align, mark.rotate, kGrey);
    }
  }

  void draw_legend() {
    if (at_.legend_ground) {
      const Box& box = *at_.legend_ground;
      overlay_.push_back(fmt::format(
          "set object rectangle from {} to {} front fillcolor rgb 'white' fillstyle solid 0.85 border lc rgb '#CCCCCC' "
          "lw 0.5",
          screen(box.left, box.bottom), screen(box.right, box.top)));
    }
    const char* front = at_.legend_ground ? " front" : "";
    for (std::size_t i = 0; i < at_.legend.size(); ++i) {
      const LegendEntry& entry = figure_.legend[i];
      const PlacedEntry& placed = at_.legend[i];
      const double x = placed.left;
      if (!entry.line.empty()) {
        overlay_.push_back(fmt::format("set arrow from {} to {} nohead {}{}", screen(x, placed.middle),
                                       screen(x + kSample, placed.middle), entry.line, front));
      }
      if (!entry.point.empty()) {
        overlay_.push_back(
            fmt::format("set label '' at {} point {}{}", screen(x + kSample / 2, placed.middle), entry.point, front));
      }
      double y = placed.middle;
      for (const auto& line : placed.lines) {
        text(x + kSample + 0.07, y, line, kTextPoints, 'l');
        y -= kLine;
      }
    }
  }

  /// One invisible plot over the whole figure that carries all text, so that text goes through one function.
  void draw_overlay() {
    double y = at_.height - 0.04;
    for (const auto& line : at_.title_lines) {
      text(at_.width / 2, y - kTitleLine / 2, line, kTitlePoints, 'c');
      y -= kTitleLine;
    }
    name_all();
    draw_legend();
    double top = kMargin / 2 + kSmallLine * static_cast<double>(at_.note_lines.size());
    for (const auto& line : at_.note_lines) {
      text(kMargin, top - kSmallLine / 2, line, kSmallPoints, 'l', 0, kGrey);
      top -= kSmallLine;
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
  Geometry at_;
  std::vector<std::string> commands_;
  std::vector<std::string> overlay_;
};

}  // namespace

Script layout(const Figure& figure) { return Layout(figure).run(); }

}  // namespace klbench
