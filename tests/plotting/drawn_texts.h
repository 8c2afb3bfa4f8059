#pragma once

#include <regex>
#include <string>
#include <vector>

#include "catch.h"
#include "plotting/figure.h"
#include "plotting/fixture.h"
#include "plotting/script_file.h"

namespace klbench::testing {

inline constexpr double kAclColumn = 7.7 / 2.54;  // inches

/// A text of a drawn figure: its box in inches.
struct Text {
  std::string what;
  double left, right, bottom, top;
};

inline double number_in(const std::string& text, const std::regex& pattern, std::size_t group = 1) {
  std::smatch found;
  REQUIRE(std::regex_search(text, found, pattern));
  return std::stod(found[group]);
}

inline double drawn_width(const std::string& script) {
  return number_in(script, std::regex("pdfcairo noenhanced size ([0-9.]+)in"));
}
inline double drawn_height(const std::string& script) {
  return number_in(script, std::regex("pdfcairo noenhanced size [0-9.]+in,([0-9.]+)in"));
}

/// Every text of the first format of a script.
inline std::vector<Text> texts_of(const std::string& script) {
  const double width = drawn_width(script), height = drawn_height(script);
  const std::regex label(
      "set label '([^']+)' at screen ([0-9.-]+),([0-9.-]+) (left|center|right) rotate by ([0-9]+) font ',([0-9.]+)'");
  std::vector<Text> texts;
  for (std::sregex_iterator it(script.begin(), script.end(), label), end; it != end; ++it) {
    const auto& match = *it;
    const double points = std::stod(match[6]), length = text_width(match[1], points), high = points / 72;
    const double x = std::stod(match[2]) * width, y = std::stod(match[3]) * height;
    const double shift = match[4] == "left" ? 0 : match[4] == "center" ? 0.5 : 1;
    if (match[5] == "90") {
      texts.push_back({match[1], x - high / 2, x + high / 2, y - length / 2, y + length / 2});
    } else if (match[5] == "0") {
      texts.push_back({match[1], x - shift * length, x + (1 - shift) * length, y - high / 2, y + high / 2});
    }
  }
  return texts;
}

inline std::string drawn(const StudyResult& study, const FigureSpec& spec) { return Drawn(study, spec, "pdf").text(); }

inline bool says(const std::string& script, const std::string& text) {
  return script.find(quote(text)) != std::string::npos;
}

inline StudyResult with_lm_and(const std::vector<std::string>& methods, std::int64_t seeds) {
  StudyResult study;
  study.name = "s";
  for (std::size_t i = 0; i < methods.size(); ++i) {
    for (std::int64_t seed = 0; seed < seeds; ++seed) {
      study.cells.push_back(full_cell(methods[i], seed, 0.7 * static_cast<double>(i)));
    }
  }
  return study;
}

}  // namespace klbench::testing
