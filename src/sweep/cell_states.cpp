#include "sweep/cell_states.h"

#include "storage/lock.h"

namespace klbench {

CellSituation examine_cell(const ResultsLayout& layout, const std::string& id, const Manifest& manifest) {
  const auto exists = [&](const char* suffix) {
    std::error_code error;
    return std::filesystem::exists(layout.cell(id, suffix), error);
  };
  CellSituation situation;
  situation.outcome = read_outcome(layout.cell(id, ".outcome.json"));
  const bool diverged = situation.outcome && situation.outcome->state == CellState::diverged;
  if (manifest.trusts(id, layout.cell(id, ".h5"))) {
    situation.state = diverged ? CellState::diverged : CellState::done;
  } else if (lock_is_held(layout.cell(id, ".lock"))) {
    situation.state = CellState::running;
  } else {
    situation.unverified = exists(".h5");
    if (situation.outcome && !finished(situation.outcome->state)) {
      situation.state = situation.outcome->state;
    } else if (exists(".attempt") || exists(".checkpoint") || exists(".journal")) {
      situation.state = CellState::stale;
    }
  }
  return situation;
}

std::string state_name(const CellSituation& situation) {
  return situation.unverified ? "unverified" : to_string(situation.state);
}

}  // namespace klbench
