#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace klbench {

/// What a cell cost and where it ran: <id>.run.json. Never part of the result, nor of its hash.
class RunRecord {
 public:
  /// Continues the record of earlier attempts where there is one.
  explicit RunRecord(std::filesystem::path path);

  void add_training(double seconds, std::int64_t tokens);
  void add_evaluation(double seconds);
  /// Writes the file with the present time, peak memory and machine.
  void write(const char* status);

 private:
  std::filesystem::path path_;
  nlohmann::json record_;
};

}  // namespace klbench
