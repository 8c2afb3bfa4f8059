#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
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

/// Reads the study and plans it.
StudyTarget open_target(const StudyArguments& arguments);

/// Where its results are and which cells it has, as cheap as can be: a named study is not read again. Throws UsageError
/// for --set and --plugin beside a name.
StudyTarget locate_target(const StudyArguments& arguments);

/// FILE.h5 itself, or the collected file of STUDY. Throws UsageError for --plugin without a YAML file.
std::filesystem::path result_file(const StudyArguments& arguments);

}  // namespace klbench
