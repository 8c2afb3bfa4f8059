#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "config/cell_config.h"

namespace klbench {

/// One cell to train. Files in `folder`: <id>.h5 (the result, published by rename), <id>.journal, <id>.checkpoint,
/// <id>.run.json (provenance and cost), <id>.model, <id>.latent.h5 (as keep.* says).
struct CellJob {
  CellConfig config;
  std::string id;
  std::filesystem::path folder;
  /// Called right before the result is published; throws where this attempt no longer owns the cell.
  std::function<void()> before_publish;
  /// What its id is made from, fact by fact (sweep/identity.h): for its <id>.run.json.
  std::map<std::string, std::string> identity{};
};

/// Live numbers of a running cell.
struct CellProgress {
  double epochs_done = 0;
  double epochs = 0;
  double loss = 0;  ///< of the last batch, nats per sentence
  double kl = 0;
  double tokens_per_second = 0;
};

enum class CellStatus { done, diverged, interrupted };

/// Trains, evaluates and publishes one cell, continuing from its checkpoint where there is one. `stop` is looked at
/// after every step: when set, a checkpoint is written and `interrupted` returned.
/// Throws Error (failure) or UsageError (bad configuration or data).
CellStatus run_cell(const CellJob& job, const std::atomic<bool>& stop,
                    const std::function<void(const CellProgress&)>& report);

}  // namespace klbench
