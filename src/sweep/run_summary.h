#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "sweep/outcome.h"

namespace klbench {

/// A cell that this run leaves failed or diverged.
struct CellFailure {
  std::string id;
  std::string label;
  CellStatus state = CellStatus::failed;
  std::string reason;
  std::filesystem::path log;
};

/// What a run came to.
struct RunSummary {
  std::size_t total = 0;
  std::size_t trained = 0;  ///< cells that this run brought to done
  std::size_t done = 0;
  std::size_t diverged = 0;
  std::size_t failed = 0;
  std::size_t unfinished = 0;  ///< interrupted, stale, missing, or running elsewhere
  std::vector<CellFailure> failures;
  int signal = 0;             ///< the signal that stopped it, or 0
  bool incomplete = false;    ///< a cell this run was to care for is not done
  bool left_running = false;  ///< cells go on in the batch system

  /// 128 + signal when stopped; 1 when incomplete, unless cells were left running (--detach); else 0.
  int exit_code() const;
};

/// "tiny: 12 cells, 10 done (8 new), 1 diverged, 1 failed", without the failures.
std::string summary_text(const std::string& study, const RunSummary& summary);

}  // namespace klbench
