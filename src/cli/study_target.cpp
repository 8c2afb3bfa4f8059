#include "cli/study_target.h"

#include <fmt/format.h>

#include "core/error.h"

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

}  // namespace

bool names_yaml(const std::string& study) { return study.ends_with(".yaml") || study.ends_with(".yml"); }

StudyTarget open_target(const StudyArguments& arguments) {
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
  return target;
}

StudyTarget locate_target(const StudyArguments& arguments) {
  if (names_yaml(arguments.study)) return open_target(arguments);
  StudyTarget target;
  target.arguments = arguments;
  target.layout = named_layout(arguments);
  target.cells = read_plan_record(target.layout).cells;
  return target;
}

std::filesystem::path result_file(const StudyArguments& arguments) {
  if (!names_yaml(arguments.study)) return named_layout(arguments).study_file();
  const auto source = read_source(arguments.study, arguments.settings, arguments.plugins);
  return ResultsLayout{arguments.results, source.study.name}.study_file();
}

}  // namespace klbench
