#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/cell_progress.h"

namespace klbench {

/// One line of a worker's standard output: JSON, {"progress": {...}} or {"error": "..."}. Whatever else a plugin prints
/// there is ignored.
struct WorkerMessage {
  std::optional<CellProgress> progress;
  std::string error;
};

std::string progress_line(const CellProgress& progress);
std::string error_line(const std::string& message);
/// Nothing where the line is not one of ours.
std::optional<WorkerMessage> parse_worker_line(std::string_view line);

}  // namespace klbench
