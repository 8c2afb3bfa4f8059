#include "plotting/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace klbench {

namespace {

std::vector<double> multiples(const Range& range, double step) {
  std::vector<double> ticks;
  for (double i = std::ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; ++i) {
    ticks.push_back(i == 0 ? 0 : i * step);
  }
  return ticks;
}

/// `parts` times every power of ten, as far as they lie in the range.
std::vector<double> decades(const Range& range, const std::vector<double>& parts) {
  std::vector<double> ticks;
  for (double power = std::floor(std::log10(range.low)); power <= std::log10(range.high) + 1e-9; ++power) {
    for (const double part : parts) {
      const double tick = part * std::pow(10.0, power);
      if (tick >= range.low * (1 - 1e-9) && tick <= range.high * (1 + 1e-9)) ticks.push_back(tick);
    }
  }
  return ticks;
}

/// Decades, or 1, 2, 5 times decades where there are few; none where there are too few of these, too.
std::vector<double> log_ticks(const Range& range, int count) {
  const auto ones = decades(range, {1});
  if (ones.size() > 2) {
    std::vector<double> ticks;
    for (std::size_t i = 0; i < ones.size(); i += std::max<std::size_t>(1, ones.size() / count))
      ticks.push_back(ones[i]);
    return ticks;
  }
  const auto parts = decades(range, {1, 2, 5});
  const bool room = 2 * parts.size() <= 3 * static_cast<std::size_t>(count);
  if (parts.size() > 2 && (room || ones.size() < 2)) return parts;
  return ones.size() == 2 ? ones : std::vector<double>{};
}

/// Where character `count` of a UTF-8 text begins.
std::size_t byte_of(const std::string& text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
  }
  return at;
}

/// Advance widths of DejaVu Sans from ' ' to '~', hundredths of an em.
constexpr std::array kAdvances = {32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36,  32, 34, 64, 64, 64,
                                  64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63,
                                  58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63,  61, 73, 68, 99, 69,
                                  61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35,  63, 63, 28, 28, 58,
                                  28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59,  52, 64, 34, 64, 84};

}  // namespace

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
    const double factor = range.high > range.low ? std::pow(range.high / range.low, 0.06) : 1.15;
    return {range.low / factor, range.high * factor};
  }
  if (from_zero) range = {std::min(range.low, 0.0), std::max(range.high, 0.0)};
  double room = 0.06 * (range.high - range.low);
  if (room <= 1e-9 * std::abs(range.high)) room = range.high == 0 ? 0.5 : 0.1 * std::abs(range.high);
  return {from_zero && range.low == 0 ? 0 : range.low - room, from_zero && range.high == 0 ? 0 : range.high + room};
}

std::vector<double> nice_ticks(const Range& range, bool log, int count, bool whole) {
  if (log) {
    if (const auto ticks = log_ticks(range, count); !ticks.empty()) return ticks;
  }
  for (;; ++count) {
    const double least = 0.75 * (range.high - range.low) / count;
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double part : {5.0, 2.0, 1.0}) {
      if (part * power >= least * (1 - 1e-9)) step = part * power;
    }
    const auto ticks = multiples(range, whole ? std::max(1.0, step) : step);
    if (ticks.size() > 1 || count >= 10) return ticks;  // there may be one whole number only
  }
}

void Figure::explain(LegendEntry entry) {
  const bool stands = std::any_of(legend.begin(), legend.end(), [&](const LegendEntry& other) {
    return other.text == entry.text && other.line == entry.line && other.point == entry.point;
  });
  if (!stands) legend.push_back(std::move(entry));
}

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string rest = text;
  for (std::size_t end = byte_of(rest, width); end < rest.size(); end = byte_of(rest, width)) {
    std::size_t space = rest.rfind(' ', end);
    if (space != std::string::npos && space > 0) {
      lines.push_back(rest.substr(0, space));
      rest.erase(0, space + 1);
      continue;
    }
    const std::size_t joint = rest.find_last_of("_+/", end - 1);
    if (joint == std::string::npos || joint == 0) break;
    lines.push_back(rest.substr(0, joint + 1));
    rest.erase(0, joint + 1);
  }
  lines.push_back(rest);
  return lines;
}

double text_width(const std::string& text, double points) {
  int hundredths = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~') hundredths += kAdvances.at(byte - ' ');
    if (byte >= 0xC0) hundredths += byte < 0xE0 ? 65 : byte == 0xE2 ? 42 : 100;  // E2: small digits, dashes
  }
  return hundredths / 100.0 * points / 72;
}

}  // namespace klbench
