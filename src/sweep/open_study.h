#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/study.h"
#include "sweep/layout.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"
#include "sweep/runner.h"

namespace klbench {

/// A study with the plugins it uses: its own `plugins:` and those of the command line, probed.
struct StudySource {
  Study study;
  std::vector<PluginInfo> plugins;
};

/// Reads and validates a study; throws UsageError.
StudySource read_source(const std::filesystem::path& file, const std::vector<std::string>& settings,
                        const std::vector<std::string>& plugins);

/// The cells of a study with their ids; reads the data.
Plan plan_study(StudySource source);

/// The cells of a plan as the runner wants them.
std::vector<CellTask> plan_tasks(const Plan& plan);

/// results/<study>/plan.json: what the last `run` was asked for, so that a study can be named instead of its file.
struct PlanRecord {
  std::string file;  ///< absolute path of the study's YAML
  std::vector<std::string> settings;
  std::vector<std::string> plugins;  ///< of the command line
  std::vector<CellTask> cells;       ///< without their configuration
  std::string folder{};              ///< where the record was written; another one was copied or moved here
};

void write_plan_record(const std::filesystem::path& path, const PlanRecord& record);
/// Throws UsageError where there is none (no run of this study) or it is damaged.
PlanRecord read_plan_record(const ResultsLayout& layout);

/// results/<study>/plan.json says whose results these are. Throws UsageError where that is another file than `file`
/// which is still there and still names this study. Results that were copied from elsewhere are nobody's.
void check_owner(const ResultsLayout& layout, const std::filesystem::path& file);

/// The cell in a worker's file (CellTask::config); loads `plugins` into this process for good. Throws UsageError, also
/// when data, plugins or code have changed since the cell was planned, so that `id` is not its id any more.
PlannedCell worker_cell(const std::filesystem::path& file, const std::string& id,
                        const std::vector<std::string>& plugins);

}  // namespace klbench
