#pragma once

#include <optional>
#include <string>

namespace klbench {

/// What is known of a cell. Published are `done` and `diverged`.
enum class CellStatus {
  missing,  ///< never started
  running,  ///< a worker holds its lock
  done,
  diverged,     ///< its loss became NaN or infinite, and so again in a replay
  unconfirmed,  ///< it diverged, and a replay from its checkpoint, in a fresh process, has to show that again
  failed,
  interrupted,  ///< stopped at a checkpoint or with its driver
  stale,        ///< started, nobody is at it, and no end was recorded: its driver died, the power failed
};

std::string to_string(CellStatus status);
/// The status of a name as to_string writes it; nothing where there is none such.
std::optional<CellStatus> cell_status(const std::string& name);
/// The status of a published cell; throws UsageError that begins with `place` where the name is of no such status.
CellStatus published_status(const std::string& name, const std::string& place);
inline bool finished(CellStatus status) { return status == CellStatus::done || status == CellStatus::diverged; }

}  // namespace klbench
