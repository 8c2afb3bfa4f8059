#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace klbench {

/// What the driver tells a worker process: one cell to train.
struct WorkerRequest {
  std::filesystem::path config;      ///< CellConfig::canonical() in a file
  std::string id;                    ///< must be the id that configuration, data and plugins have
  std::filesystem::path folder;      ///< results/<study>
  std::vector<std::string> plugins;  ///< loaded into this process for good
  bool keep = false;                 ///< only make the kept files that the finished cell lacks, from its weights
  pid_t driver = 0;                  ///< this process ends when that one does; 0: nobody drives it
};

/// Trains the cell in this process under its lock, with one compute thread; progress goes to standard output (see
/// worker_protocol.h), the log to standard error. Returns the exit code (WorkerExit).
int run_worker(const WorkerRequest& request);

}  // namespace klbench
