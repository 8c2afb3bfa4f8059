#pragma once

#include <optional>
#include <string>

#include "storage/manifest.h"
#include "sweep/layout.h"
#include "sweep/outcome.h"

namespace klbench {

/// What the files of a cell say about it, without opening its result.
struct CellSituation {
  CellStatus state = CellStatus::missing;
  /// There is a result that the manifest does not vouch for: it counts only once it was verified.
  bool unverified = false;
  /// Only the study's file has it (missing otherwise); the next run takes it from there.
  bool collected = false;
  std::optional<Outcome> outcome;  ///< record of the last attempt that left one
};

/// running: its lock is held. done, diverged: published and trusted by the manifest. failed, interrupted: as recorded.
/// stale: it was started, nobody works on it and no end was recorded (its driver died, the power failed).
CellSituation examine_cell(const ResultsLayout& layout, const std::string& id, const Manifest& manifest);

/// As `status`, `plan` and `watch` call it: "queued" where a batch system has it and nobody is at it, "unverified",
/// "collected", or the state.
std::string state_name(const CellSituation& situation, bool is_queued = false);

}  // namespace klbench
