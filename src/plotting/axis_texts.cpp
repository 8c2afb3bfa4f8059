#include "plotting/axis_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "plotting/names.h"

namespace klbench {

namespace {

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

}  // namespace

std::vector<std::string> fitting_lines(const std::string& text, double length) {
  if (text.empty()) return {};
  if (text_width(text, kTextPoints) <= length) return {text};
  auto width = static_cast<std::size_t>(std::max(4.0, length / text_width("i", kTextPoints)));
  const auto too_long = [&](const std::string& line) { return text_width(line, kTextPoints) > length; };
  auto lines = wrap(text, width);
  while (width > 4 && std::any_of(lines.begin(), lines.end(), too_long)) lines = wrap(text, --width);
  return lines;
}

std::vector<std::string> label_lines(const std::string& label, double length) {
  const std::size_t unit = label.rfind(" (");
  if (unit == std::string::npos || text_width(label, kTextPoints) <= length + 0.2) {
    return fitting_lines(label, length + 0.2);
  }
  auto lines = fitting_lines(label.substr(0, unit), length + 0.2);
  for (auto& line : fitting_lines(label.substr(unit + 1), length + 0.2)) lines.push_back(std::move(line));
  return lines;
}

double place(double value, const Range& range, bool log, double low, double high) {
  const double share = log ? std::log(value / range.low) / std::log(range.high / range.low)
                           : (value - range.low) / (range.high - range.low);
  return low + share * (high - low);
}

std::vector<Tick> ticks_of(const Panel& panel, bool on_x, double length) {
  const auto& given = on_x ? panel.x_ticks : panel.y_ticks;
  if (!given.empty()) return given;
  for (int count = std::max(2, static_cast<int>(length / (on_x ? 0.45 : 0.4)));; --count) {
    std::vector<Tick> ticks;
    for (const double at :
         on_x ? nice_ticks(panel.x, panel.log_x, count, panel.whole_x) : nice_ticks(panel.y, panel.log_y, count)) {
      ticks.push_back({at, with_power(fmt::format("{:.6g}", at))});
    }
    if (!on_x || count <= 2 || side_by_side(ticks, panel, length)) return ticks;
  }
}

double widest(const std::vector<Tick>& ticks, double longest) {
  double width = 0;
  for (const auto& tick : ticks) {
    for (const auto& line : fitting_lines(one_line(tick.text), longest)) {
      width = std::max(width, text_width(line, kTextPoints));
    }
  }
  return width;
}

double longest_tick(const Figure& figure) { return figure.look.width > 0 ? 0.38 * figure.look.width : HUGE_VAL; }

double scale_width(const Panel& panel) {
  if (panel.scale.largest == 0) return 0;
  const double unit = panel.scale.unit.empty() ? 0 : kLine + kScaleGap;
  return 3 * kScaleGap + kScaleBar + widest(panel.scale.ticks, HUGE_VAL) + unit;
}

double tick_height(const Panel& panel, const std::vector<Tick>& ticks) {
  return ticks.empty() ? 0 : panel.diagonal_x_ticks ? 0.1 + 0.6 * widest(ticks, HUGE_VAL) : kLine;
}

}  // namespace klbench
