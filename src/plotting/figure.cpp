#include "plotting/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace klbench {

std::string Figure::add(std::string comment, Rows rows) {
  data.push_back({std::move(comment), std::move(rows)});
  return fmt::format("$d{}", data.size() - 1);
}

Range range_of(const std::vector<double>& values, bool log, bool from_zero) {
  Range range{HUGE_VAL, -HUGE_VAL};
  for (const double value : values) {
    if (!std::isfinite(value) || (log && value <= 0)) continue;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  if (range.low > range.high) return log ? Range{0.1, 1} : Range{0, 1};
  if (log) {
    const double factor = std::max(std::pow(range.high / range.low, 0.06), 1.15);
    return {range.low / factor, range.high * factor};
  }
  if (from_zero) range = {std::min(range.low, 0.0), std::max(range.high, 0.0)};
  double room = 0.06 * (range.high - range.low);
  if (room <= 1e-9 * std::abs(range.high)) room = range.high == 0 ? 0.5 : 0.1 * std::abs(range.high);
  return {from_zero && range.low == 0 ? 0 : range.low - room, from_zero && range.high == 0 ? 0 : range.high + room};
}

std::vector<double> nice_ticks(const Range& range, bool log, int count) {
  std::vector<double> ticks;
  if (log) {
    const int first = static_cast<int>(std::floor(std::log10(range.low)));
    const int last = static_cast<int>(std::ceil(std::log10(range.high)));
    const int every = std::max(1, (last - first) / std::max(count, 1));
    const std::vector<double> parts = last - first > 2 ? std::vector<double>{1} : std::vector<double>{1, 2, 5};
    for (int decade = first; decade <= last; decade += every) {
      for (const double part : parts) {
        const double tick = part * std::pow(10.0, decade);
        if (tick >= range.low * (1 - 1e-9) && tick <= range.high * (1 + 1e-9)) ticks.push_back(tick);
      }
    }
    return ticks;
  }
  const double rough = (range.high - range.low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double part : {1.0, 2.0, 5.0}) {
    if (part * power >= rough * (1 - 1e-9)) {
      step = part * power;
      break;
    }
  }
  for (double i = std::ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; ++i) {
    ticks.push_back(i == 0 ? 0 : i * step);
  }
  return ticks;
}

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string rest = text;
  while (rest.size() > width) {
    const std::size_t space = rest.rfind(' ', width);
    if (space == std::string::npos || space == 0) break;
    lines.push_back(rest.substr(0, space));
    rest.erase(0, space + 1);
  }
  lines.push_back(rest);
  return lines;
}

double text_width(const std::string& text, double points) {
  constexpr double kEmPerCharacter = 0.55;
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return static_cast<double>(characters) * kEmPerCharacter * points / 72;
}

}  // namespace klbench
