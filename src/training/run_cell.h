#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "config/cell_config.h"
#include "config/cell_status.h"
#include "storage/cell_progress.h"

namespace klbench {

/// One cell to train; its files (config/cell_files.h) are in `folder`.
struct CellJob {
  CellConfig config;
  std::string id;
  std::filesystem::path folder;
  /// Called right before the result is published; throws where this attempt no longer owns the cell.
  std::function<void()> before_publish;
  /// Told the quantity and step of a divergence, whether confirmed or not.
  std::function<void(const std::string&)> on_diverged{};
  /// What its id is made from, fact by fact (sweep/identity.h): for its <id>.run.json.
  std::map<std::string, std::string> identity{};
};

/// Trains, evaluates and publishes one cell, continuing from its checkpoint where there is one: done or diverged.
/// `unconfirmed`: it diverged, and was not published; training again from the checkpoint, in a fresh process, either
/// diverges at the same step, which is published, or shows that the machine had erred. `stop` is looked at after every
/// step: when set, a checkpoint is written and `interrupted` returned. `report` is called when training begins, twice a
/// second, at the end of every epoch and before the final evaluation.
/// Throws Error (failure; also a divergence at another step than in the attempt before) or UsageError (bad
/// configuration or data).
CellStatus run_cell(const CellJob& job, const std::atomic<bool>& stop,
                    const std::function<void(const CellProgress&)>& report);

}  // namespace klbench
