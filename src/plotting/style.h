#pragma once

#include <map>
#include <string>
#include <vector>

namespace klbench {

/// How one method looks wherever it is drawn.
struct Style {
  std::string colour;  ///< "#RRGGBB"
  int point = 7;       ///< gnuplot point type
  std::string dash;    ///< gnuplot dash type: "solid" or "(on,off,...)"

  /// Gnuplot attributes: "lc rgb '#0072B2' lw 1.5 dt solid".
  std::string line(double width = 1.5) const;
  /// "pt 7 ps 0.6 lc rgb '#0072B2'".
  std::string marker(double size = 0.6) const;
};

/// Okabe and Ito's colours, Tol's "muted" and more, no two alike, told apart in print by point type and dash, too. A
/// built-in remedy always gets the same style, every other method (a composition, a plugin) that of its name's hash, or
/// the next one where another method of `methods` has its colour, or any has its marker in a like colour.
std::map<std::string, Style> method_styles(const std::vector<std::string>& methods);

/// Variant `index` of `count` of one method (say, its values of tau): the method's hue, the first as it is, the others
/// lighter, with markers and dashes of their own.
Style variant(const Style& style, std::size_t index, std::size_t count);

/// `colour` mixed with white: 0 leaves it, 1 is white.
std::string lighten(const std::string& colour, double white);

}  // namespace klbench
