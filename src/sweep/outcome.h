#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/cell_status.h"
#include "launch/worker_end.h"

namespace klbench {

/// The record of an attempt that left no finished cell, or of a diverged one: <id>.outcome.json.
struct Outcome {
  CellStatus state = CellStatus::failed;
  std::string reason;  ///< one line
  int attempts = 1;    ///< so far, over all runs
  std::vector<std::string> log_tail;
  /// Another attempt may end otherwise (crash, timeout, I/O error); bad input and divergence repeat themselves.
  bool retryable = true;
  /// Other cells would fail in the same way: the run ends.
  bool ends_run = false;
};

/// What an attempt's end means. `published`: the attempt left a new published file.
Outcome judge(const WorkerEnd& end, bool published);

void write_outcome(const std::filesystem::path& path, const Outcome& outcome);
/// Nothing where there is no record or it is damaged.
std::optional<Outcome> read_outcome(const std::filesystem::path& path);

/// "SIGSEGV (Segmentation fault)".
std::string signal_name(int signal);

}  // namespace klbench
