#include "sweep/cell_states.h"

#include "storage/lock.h"

namespace klbench {

CellSituation examine_cell(const ResultsLayout& layout, const std::string& id, const Manifest& manifest) {
  const CellFiles files = layout.cell(id);
  const auto exists = [](const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
  };
  CellSituation situation;
  situation.outcome = read_outcome(files.outcome());
  const bool diverged = situation.outcome && situation.outcome->state == CellStatus::diverged;
  if (manifest.trusts(id, files.result())) {
    situation.state = diverged ? CellStatus::diverged : CellStatus::done;
  } else if (lock_is_held(files.lock())) {
    situation.state = CellStatus::running;
  } else {
    situation.unverified = exists(files.result());
    if (situation.outcome && !finished(situation.outcome->state)) {
      situation.state = situation.outcome->state;
    } else if (exists(files.attempt()) || exists(files.checkpoint()) || exists(files.journal())) {
      situation.state = CellStatus::stale;
    }
  }
  return situation;
}

std::string state_name(const CellSituation& situation, bool is_queued) {
  if (is_queued && !finished(situation.state) && situation.state != CellStatus::running) return "queued";
  return situation.unverified ? "unverified" : situation.collected ? "collected" : to_string(situation.state);
}

}  // namespace klbench
