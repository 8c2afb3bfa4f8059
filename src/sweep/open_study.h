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
};

void write_plan_record(const std::filesystem::path& path, const PlanRecord& record);
/// Throws UsageError where there is none (no run of this study) or it is damaged.
PlanRecord read_plan_record(const ResultsLayout& layout);

/// The configuration in a worker's file; loads `plugins` into this process for good. Throws UsageError, also when data,
/// plugins or code have changed since the cell was planned, so that `id` is not its id any more.
CellConfig worker_config(const std::filesystem::path& file, const std::string& id,
                         const std::vector<std::string>& plugins);

}  // namespace klbench
