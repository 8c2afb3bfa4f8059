#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plotting/style.h"

namespace klbench {

/// Curves drawn in text.
struct TextCurve {
  std::string marker;  ///< one character, at its end (without UTF-8: all along)
  std::string colour;  ///< as terminal_colour gives it
  std::vector<std::pair<double, double>> points;
};

/// The character for a style's point type: "●" for 7; without UTF-8 a letter for `index`.
std::string text_marker(const Style& style, std::size_t index, bool utf8);

/// The escape sequence of a "#RRGGBB" on a terminal; nothing for what is nearly black, which has the terminal's own
/// colour. `true_colour`: of 16 million, not of 256.
std::string terminal_colour(const std::string& colour, bool true_colour);
/// `text` in a colour and back.
std::string in_colour(const std::string& colour, const std::string& text);

/// `height` lines of `width` characters: curves from epoch 1 (or their first) to `last_epoch` in braille dots, or in
/// letters, with axes. At least 5 by 20; curves without a point are left out.
std::vector<std::string> text_chart(const std::vector<TextCurve>& curves, double last_epoch, std::size_t width,
                                    std::size_t height, bool utf8);

}  // namespace klbench
