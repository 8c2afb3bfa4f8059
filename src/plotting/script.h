#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace klbench {

using Rows = std::vector<std::vector<double>>;

/// `text` as a gnuplot string expression that stands for itself. It is single-quoted, since gnuplot expands nothing in
/// single quotes; a quote in it is concatenated ('it'."\047".'s'), since gnuplot 5.4 reads two doubled quotes in a row
/// ('a''''b') as the end of the string; control characters are made visible, so that no text begins a new line.
std::string quote(std::string_view text);

/// Shortest text that reads back as the same number; "NaN" where it is none.
std::string number(double value);

/// A heredoc of the script.
struct DataBlock {
  std::string comment;  ///< what it is and what its columns are
  Rows rows;
};

/// Pixels an inch of a PNG unless it is asked for others.
inline constexpr int kDotsPerInch = 220;

/// One script draws all outputs: the data blocks $d0, $d1, ... once, then for every format its terminal and `commands`.
struct Script {
  std::vector<DataBlock> data;
  std::vector<std::string> commands;
  double width = 4;   ///< inches
  double height = 3;  ///< inches
  int dpi = kDotsPerInch;
  std::vector<std::string> warnings{};  ///< of its making
};

/// What drawing left behind.
struct Drawing {
  std::vector<std::filesystem::path> files;  ///< written, whole
  std::vector<std::string> problems;         ///< a line for each reason why others are not
  std::vector<std::string> warnings;         ///< the script's, gnuplot's, of characters without a font
};

/// Seconds that gnuplot may take for one format.
inline constexpr double kGnuplotSeconds = 120;

/// Draws `<folder>/<stem>.<format>` in every format out of png, svg, pdf, with the same bytes every time, and writes
/// the script `<stem>.gp`, which draws them again, beside them. Each format has a gnuplot of its own, run without a
/// shell in a scratch folder: what one lacks costs the others nothing, and only whole files are published. A format
/// that could not be drawn is a problem, and no file of an earlier run stands in for it. Throws Error naming the path
/// when the folder cannot be written.
Drawing draw_script(const Script& script, const std::filesystem::path& folder, const std::string& stem,
                    const std::vector<std::string>& formats, double seconds = kGnuplotSeconds);

}  // namespace klbench
