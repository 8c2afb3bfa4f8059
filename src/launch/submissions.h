#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "launch/launcher.h"

namespace klbench {

/// What a driver and the tasks of a batch system tell each other, as files in results/<study>/jobs/<name>/:
///   cells.json      the tasks, each with its cells, written before anything is submitted: the intent
///   job             id in the batch system, once it is known
///   cancelled       the tasks are to leave for good (klbench cancel)
///   closed          nothing more comes from here
///   <task>.started  host, process and time of each start of the task, a line each
///   <task>.progress the cell under way and how far it is: one JSON object, replaced by rename
///   <task>.ends     how each cell ended: JSON lines, appended; made with the intent, so that no file system remembers
///                   that it is not there
///   <task>.out      what the task printed
struct Submission {
  std::filesystem::path folder;
  std::vector<std::vector<LaunchSpec>> tasks;  ///< LaunchSpec::cell is not kept

  std::string name() const { return folder.filename().string(); }
  /// What its job is called in the batch system.
  std::string job_name(const std::string& study) const { return "klbench-" + study + "-" + name(); }
  std::filesystem::path file(std::size_t task, const char* suffix) const {
    return folder / (std::to_string(task) + suffix);
  }
  bool closed() const;
  bool cancelled() const;
  /// Empty: not known.
  std::string job() const;
  /// Durably.
  void set_job(const std::string& id) const;
  void close() const;
  void cancel() const;
};

/// A new folder in `jobs` with the intent to run `tasks`, durably. Throws Error.
Submission make_submission(const std::filesystem::path& jobs, std::vector<std::vector<LaunchSpec>> tasks);

/// Throws UsageError where the folder is none or cells.json is damaged.
Submission read_submission(const std::filesystem::path& folder);

/// Those in `jobs` that are not closed, oldest first; what cannot be read is left out.
std::vector<Submission> open_submissions(const std::filesystem::path& jobs);

/// What is appended to <task>.ends: a line, begun anew so that one torn before it costs only itself.
std::string end_line(const std::string& id, const WorkerEnd& end);
struct CellEnd {
  std::string id;
  WorkerEnd end;
};
/// Whole lines of the file from byte `from` on, which is moved behind them.
std::vector<CellEnd> read_ends(const std::filesystem::path& path, std::int64_t& from);

/// Where a batch system has each cell that has not ended, by id: "job 12, task 3".
std::map<std::string, std::string> queued_cells(const std::filesystem::path& jobs);

/// The text of <task>.progress.
std::string task_progress(const std::string& id, const CellProgress& progress);
struct TaskProgress {
  std::string id;  ///< empty: nothing readable is there
  CellProgress progress;
};
TaskProgress read_progress(const std::filesystem::path& path);

}  // namespace klbench
