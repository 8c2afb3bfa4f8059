#include "cli/study_target.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/log.h"
#include "storage/cell_file.h"
#include "sweep/current_results.h"

namespace klbench {

namespace {

/// A name under --results, or results/<name>.h5.
ResultsLayout named_layout(const StudyArguments& arguments) {
  const std::filesystem::path path = arguments.study;
  if (path.extension() == ".h5") return {path.has_parent_path() ? path.parent_path() : ".", path.stem().string()};
  if (path.has_parent_path()) {
    throw UsageError(
        fmt::format("'{}' is neither a YAML file, nor the name of a study, nor its .h5 file", arguments.study));
  }
  return {arguments.results, arguments.study};
}

/// Refuses what only the reading of a YAML file can use.
void check_unused(const StudyArguments& arguments) {
  if (arguments.settings.empty() && arguments.plugins.empty()) return;
  throw UsageError(fmt::format("{} has no effect on '{}', whose results are there already; it goes with a YAML file",
                               arguments.settings.empty() ? "--plugin" : "--set", one_line(arguments.study)));
}

}  // namespace

bool names_yaml(const std::string& study) { return study.ends_with(".yaml") || study.ends_with(".yml"); }

StudyTarget open_target(const StudyArguments& arguments, bool warn) {
  StudyTarget target;
  target.arguments = arguments;
  if (!names_yaml(arguments.study)) {
    const PlanRecord record = read_plan_record(named_layout(arguments));
    target.arguments.study = record.file;
    for (const auto& setting : record.settings) target.arguments.settings.push_back(setting);
    for (const auto& plugin : record.plugins) target.arguments.plugins.push_back(plugin);
  }
  StudySource source = read_source(target.arguments.study, target.arguments.settings, target.arguments.plugins);
  target.layout = {arguments.results, source.study.name};
  target.plugins = source.plugins;
  target.plan = plan_study(std::move(source));
  target.cells = plan_tasks(target.plan);
  if (warn) {
    for (const auto& line : target.plan.warnings) spdlog::warn("{}", one_line(line));
  }
  return target;
}

StudyTarget locate_target(const StudyArguments& arguments) {
  if (names_yaml(arguments.study)) return open_target(arguments);
  check_unused(arguments);
  StudyTarget target;
  target.arguments = arguments;
  target.layout = named_layout(arguments);
  target.cells = read_plan_record(target.layout).cells;
  return target;
}

StudyResult read_results(const StudyArguments& arguments) {
  ResultsLayout layout;
  if (names_yaml(arguments.study)) {
    layout = {arguments.results, read_source(arguments.study, {}, arguments.plugins).study.name};
  } else {
    check_unused(arguments);
    layout = named_layout(arguments);
  }
  if (std::filesystem::path(arguments.study).extension() == ".h5") return read_study(layout.study_file());
  CurrentResults current = current_results(layout);
  if (!current.note.empty()) fmt::print(stderr, "klbench: {}\n", one_line(current.note));
  return std::move(current.study);
}

}  // namespace klbench
