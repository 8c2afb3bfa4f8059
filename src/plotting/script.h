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

/// One script draws all outputs: the data blocks $d0, $d1, ... once, then for every format its terminal and `commands`.
struct Script {
  std::vector<DataBlock> data;
  std::vector<std::string> commands;
  double width = 4;   ///< inches
  double height = 3;  ///< inches
};

/// Writes `<folder>/<stem>.gp` through gnuplot-iostream; it writes `<stem>.<format>` in the folder it is run in.
/// Returns its path; throws Error naming the path.
std::filesystem::path write_script(const Script& script, const std::filesystem::path& folder, const std::string& stem,
                                   const std::vector<std::string>& formats);

/// Runs gnuplot, without a shell, in the script's folder and returns the outputs. Throws Error with gnuplot's own
/// message when it fails, complains, or leaves an output unwritten.
std::vector<std::filesystem::path> run_gnuplot(const std::filesystem::path& script,
                                               const std::vector<std::string>& formats);

}  // namespace klbench
