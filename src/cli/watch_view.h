#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sweep/live_study.h"

namespace klbench {

/// What a study under way is shown on.
struct WatchPaper {
  std::size_t columns = 80;
  std::size_t rows = 0;  ///< 0: as many as it takes
  bool utf8 = true;
  bool colours = false;
  bool true_colour = false;
};

/// The state of a study, a table with a line for each row of cells that differ in their seed alone, and the curves of
/// their means, at most `rows` lines of at most `columns` characters: the least important columns go first, then rows
/// of which no cell runs, then the curves.
std::vector<std::string> watch_lines(const LiveStudy& study, const WatchPaper& paper);

}  // namespace klbench
