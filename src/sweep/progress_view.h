#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "training/run_cell.h"

namespace klbench {

/// One running cell in the live table.
struct RunningRow {
  std::string label;
  CellProgress progress;
};

/// Where a run stands.
struct RunSnapshot {
  std::string study;
  std::size_t total = 0;    ///< cells of the study
  std::size_t done = 0;     ///< finished, earlier runs included
  std::size_t failed = 0;   ///< failed and diverged
  std::size_t waiting = 0;  ///< not started yet
  std::size_t ended = 0;    ///< attempts that ended in this run
  double seconds = 0;       ///< since this run began
  std::vector<RunningRow> running;
};

/// Seconds until the run ends, from the share of its work done so far (running cells count by their epochs);
/// negative: unknown.
double remaining_seconds(const RunSnapshot& snapshot);

/// "4 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

/// The live table, at most `height` lines of at most `width` characters.
std::vector<std::string> render_table(const RunSnapshot& snapshot, std::size_t width, std::size_t height);

enum class ProgressStyle { quiet, lines, live };

/// Shows a run on standard error: the lines of events, and, in style live, below them a table that redraws itself.
class ProgressView {
 public:
  explicit ProgressView(ProgressStyle style) : style_(style) {}
  /// An event worth a line: a cell started, ended, ...
  void event(const std::string& line);
  void table(const RunSnapshot& snapshot);
  /// Removes the table.
  void close();
  bool live() const { return style_ == ProgressStyle::live; }

 private:
  ProgressStyle style_;
  std::size_t drawn_ = 0;  // lines of the table on the screen
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace klbench
