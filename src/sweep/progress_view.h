#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "storage/cell_progress.h"

namespace klbench {

/// One running cell in the live table.
struct RunningRow {
  std::string label;
  CellProgress progress;
  double begun = 0;    ///< epochs done when this attempt first reported
  double seconds = 0;  ///< since then
};

/// Where a run stands.
struct RunSnapshot {
  std::string study;
  std::size_t total = 0;      ///< cells of the study
  std::size_t done = 0;       ///< finished, earlier runs included
  std::size_t failed = 0;     ///< failed and diverged
  std::size_t waiting = 0;    ///< not started yet
  std::size_t workers = 1;    ///< cells at a time
  double worked = 0;          ///< cells' worth of training by the attempts that ended in this run
  double worked_seconds = 0;  ///< what those took, one worker after the other
  double seconds = 0;         ///< since this run began
  std::vector<RunningRow> running;
};

/// Share of a cell's epochs that lies between `begun` and its present state.
double share_trained(const CellProgress& progress, double begun);

/// Seconds until the run ends: what is left of running and waiting cells at the speed of this run alone (cells finished
/// before, epochs resumed from a checkpoint and the start of workers say nothing of it).
/// Negative: unknown, as in the first seconds.
double remaining_seconds(const RunSnapshot& snapshot);

/// A label within `width` characters: its last words, which tell it from its neighbours, behind an ellipsis.
std::string shorten(const std::string& label, std::size_t width);
/// "61.25"; empty where the value is not known.
std::string progress_number(double value);

/// "4 s", "3 min 20 s", "2 h 05 min".
std::string duration_text(double seconds);

/// "epoch 3/10: loss 61.25, kl 3.50, valid ELBO -60.12, 1200 tokens/s", without what is not known.
std::string epoch_text(const CellProgress& progress);
/// " (9/40 done, ETA 3 min 20 s)", behind the line of a cell that ended.
std::string standing_text(const RunSnapshot& snapshot);
/// "resumed after 2 epochs".
std::string resumed_text(const CellProgress& progress);

/// The live table, at most `height` lines of at most `width` characters. What does not fit is left out whole, the least
/// important first: of the head everything but the cells done and the ETA, of a row everything but its epoch.
std::vector<std::string> render_table(const RunSnapshot& snapshot, std::size_t width, std::size_t height);

enum class ProgressStyle { quiet, lines, live };

/// live where standard error is a terminal that can move its cursor: TERM is set and not "dumb".
ProgressStyle terminal_style();

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
  std::vector<std::size_t> drawn_;  // widths of the table's lines on the screen
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace klbench
