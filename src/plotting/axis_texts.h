#pragma once

#include <string>
#include <vector>

#include "plotting/figure.h"

namespace klbench {

// Points and inches of a figure's texts.
inline constexpr double kTitlePoints = 9;
inline constexpr double kTextPoints = 8;
inline constexpr double kSmallPoints = 7;
inline constexpr double kLine = 0.145;      ///< one line of text
inline constexpr double kSmallLine = 0.12;  ///< one line of a note
inline constexpr double kTitleLine = 0.17;
inline constexpr double kMargin = 0.08;
inline constexpr double kSample = 0.28;  ///< a legend's sample line

/// `text` in lines of at most `length` inches, as far as it can be broken; none where it is empty.
std::vector<std::string> fitting_lines(const std::string& text, double length);

/// An axis label in lines; where it is too long, its unit in brackets stands on lines of its own.
std::vector<std::string> label_lines(const std::string& label, double length);

/// The ticks of an axis of that length.
std::vector<Tick> ticks_of(const Panel& panel, bool on_x, double length);

/// Inches of the widest line of the ticks' texts, which break at `longest` inches.
double widest(const std::vector<Tick>& ticks, double longest);

/// The longest text of a tick on a y axis, inches, in a figure of that width.
double longest_tick(const Figure& figure);

/// Inches below a plotting area that the tick texts of its x axis take.
double tick_height(const Panel& panel, const std::vector<Tick>& ticks);

inline constexpr double kScaleGap = 0.07;  ///< between a panel and its colour scale, and beside the scale's texts
inline constexpr double kScaleBar = 0.09;  ///< width of a colour scale

/// Inches beside a plotting area that its colour scale with texts and unit takes; 0 where it has none.
double scale_width(const Panel& panel);

/// Where `value` stands on an axis from `low` to `high` inches.
double place(double value, const Range& range, bool log, double low, double high);

}  // namespace klbench
