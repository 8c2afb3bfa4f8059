#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "storage/records.h"
#include "sweep/open_study.h"

namespace klbench {

/// What STUDY on the command line means: study.yaml, or the name of a study that was run before.
struct StudyTarget {
  ResultsLayout layout;
  std::vector<PluginInfo> plugins;
  Plan plan;  ///< empty where only located
  std::vector<CellTask> cells;
  /// With settings and plugins of the last run where the study was named; their paths are absolute once it is read.
  StudyArguments arguments;
};

bool names_yaml(const std::string& study);

/// Whether of a study that was run only its file results/<name>.h5 is here.
bool is_file_only(const ResultsLayout& layout);

/// Reads the study and plans it; `cells` stays empty. `warn`: says on standard error what is alarming about its data.
StudyTarget open_plan(const StudyArguments& arguments, bool warn = false);

/// open_plan, with `cells`.
StudyTarget open_target(const StudyArguments& arguments, bool warn = false);

/// Where its results are and which cells it has, as cheap as can be: a named study is not read again. Throws UsageError
/// for --set and --plugin beside a name.
StudyTarget locate_target(const StudyArguments& arguments);

/// Where the results are that read_results reads.
ResultsLayout results_layout(const StudyArguments& arguments);

/// Results of FILE.h5, or those of STUDY as they stand: during a run, or after one that was killed, with what has been
/// published since its file was written, which standard error then says. Throws UsageError for --plugin without a YAML
/// file.
StudyResult read_results(const StudyArguments& arguments);

}  // namespace klbench
