#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "config/cell_status.h"

namespace klbench {

/// What a cell cost and where it ran: <id>.run.json. Never part of the result, nor of its hash.
class RunRecord {
 public:
  /// Continues the record of earlier attempts where there is one.
  explicit RunRecord(std::filesystem::path path);

  /// What the cell's id is made from, and trainer.device: of a card the types of those of this machine are kept as
  /// `gpu`.
  void set_cell(const std::map<std::string, std::string>& identity, const std::string& device);
  /// Adds to what earlier attempts spent: train_seconds, evaluation_seconds, recording_seconds (journal and
  /// checkpoints), diagnostics_seconds (floor checks and moments of batches, within train_seconds).
  void add(const char* key, double seconds);
  /// Lines that the data set left out or cut, by name.
  void set(const std::string& name, std::int64_t count);
  void add_epoch(std::int64_t tokens, double seconds);
  /// Keeps the time since the process began as startup_seconds, the first time it is called.
  void first_step_done();
  /// This attempt goes on from the checkpoint of an earlier one, whose CPU stays in the record.
  void resumed() { resumed_ = true; }
  /// Writes the file with the present time, peak memory and machine.
  void write(CellStatus status);

 private:
  std::filesystem::path path_;
  nlohmann::json record_;
  bool started_ = false;
  bool resumed_ = false;
  bool on_card_ = false;
};

}  // namespace klbench
