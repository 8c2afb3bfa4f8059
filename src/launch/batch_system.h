#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/error.h"

namespace klbench {

/// The system does not take or answer anything just now: a full queue, a controller that is down. To be tried again.
class BatchBusy : public Error {
 public:
  using Error::Error;
};

/// It takes no job of this size just now, or none at all.
class BatchFull : public BatchBusy {
 public:
  using BatchBusy::BatchBusy;
};

/// A job that the system will never take as it is.
class BatchRefused : public Error {
 public:
  using Error::Error;
};

/// Tasks 0 .. count-1 to run, each as `klbench task <folder> <number>`.
struct BatchJob {
  std::string name;              ///< unique; the system can be asked for it
  std::filesystem::path folder;  ///< of the submission: output and scripts go there
  std::string program;           ///< klbench
  std::size_t count = 0;
};

/// What the batch launcher needs of a batch system: one file each (slurm.cpp, script.cpp).
class BatchSystem {
 public:
  virtual ~BatchSystem() = default;
  /// The job's id, a word. Throws BatchRefused or BatchFull; after any other Error it may have been taken or not.
  virtual std::string submit(const BatchJob& job) = 0;
  /// Of the jobs `ids`, each task that is queued or running, by number; jobs of which nothing is known are left out.
  /// Throws BatchBusy where the system does not answer.
  virtual std::map<std::string, std::set<std::size_t>> alive(const std::set<std::string>& ids) = 0;
  /// Ends what of a job is queued or running: its tasks are asked to leave, with time for a checkpoint. Throws
  /// BatchBusy.
  virtual void cancel(const std::string& id) = 0;
  /// Id of a job that was submitted under this name by a driver that died before it knew; empty: there is none, or the
  /// system cannot be asked. Throws BatchBusy.
  virtual std::string find(const std::string& name) = 0;
  /// Tasks in one job, at most.
  virtual std::size_t largest_job() = 0;
};

}  // namespace klbench
