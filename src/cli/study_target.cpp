#include "cli/study_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/user_path.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/shell.h"
#include "storage/cell_file.h"
#include "sweep/current_results.h"

namespace klbench {

namespace {

/// Refuses what is neither a name nor a .h5 file, with the argument that was meant.
[[noreturn]] void refuse_study(const std::string& study) {
  const std::filesystem::path path = study;
  std::error_code error;
  std::string form;
  if (std::filesystem::is_regular_file(path, error)) {
    form = fmt::format("; a YAML file ends in .yaml or .yml: rename it to {}", shell_word(study + ".yaml"));
  } else if (std::filesystem::is_regular_file(path / "study.yaml", error)) {
    form = fmt::format("; write {}", shell_word((path / "study.yaml").string()));
  } else if (std::filesystem::exists(path / "plan.json", error)) {
    const auto folder = std::filesystem::absolute(path / "plan.json").parent_path();  // a trailing '/' goes
    form = fmt::format("; write {} --results {}", shell_word(folder.filename().string()),
                       shell_word(folder.parent_path().string()));
  }
  throw UsageError(
      one_line(fmt::format("'{}' is neither a YAML file, nor the name of a study, nor its .h5 file{}", study, form)));
}

/// A name under --results, or results/<name>.h5.
ResultsLayout named_layout(const StudyArguments& arguments) {
  const std::filesystem::path path = arguments.study;
  if (path.extension() == ".h5") return {path.has_parent_path() ? path.parent_path() : ".", path.stem().string()};
  const ResultsLayout layout{arguments.results, arguments.study};
  std::error_code error;
  const auto exists = [&](const std::filesystem::path& file) { return std::filesystem::exists(file, error); };
  if (path.has_parent_path() || (exists(path) && !exists(layout.folder()) && !exists(layout.study_file()))) {
    refuse_study(arguments.study);
  }
  return layout;
}

/// The plan of the last run of a named study.
PlanRecord plan_record(const StudyArguments& arguments) {
  const ResultsLayout layout = named_layout(arguments);
  if (is_file_only(layout)) {
    throw UsageError(one_line(fmt::format(
        "of study '{}' there is only {}, without its folder {}: show, plot, report, export, compare, diff and verify "
        "read it; give the others the study's YAML file, or --results",
        layout.study, layout.study_file().string(), layout.folder().string())));
  }
  return read_plan_record(layout);
}

/// The --set arguments of the last run, but where `upper` has the same key, and `upper`.
std::vector<std::string> overridden(std::vector<std::string> lower, const std::vector<std::string>& upper) {
  const auto key = [](const std::string& setting) { return setting.substr(0, setting.find('=')); };
  for (const auto& setting : upper) {
    std::erase_if(lower, [&](const auto& earlier) { return key(earlier) == key(setting); });
    lower.push_back(setting);
  }
  return lower;
}

/// Refuses what only the reading of a YAML file can use.
void check_unused(const StudyArguments& arguments) {
  if (arguments.settings.empty() && arguments.plugins.empty()) return;
  throw UsageError(fmt::format("{} has no effect on '{}', whose results are there already; it goes with a YAML file",
                               arguments.settings.empty() ? "--plugin" : "--set", one_line(arguments.study)));
}

/// Says where results are not of the grid that their study's YAML names now. Silent where that cannot be told: results
/// can be read without data and plugins.
void note_other_grid(const StudyArguments& arguments, const ResultsLayout& layout, const StudyResult& study) {
  std::set<std::string> grid;
  try {
    StudyArguments last = arguments;
    if (exists_at(layout.plan())) last.settings = read_plan_record(layout).settings;
    for (const auto& cell : open_target(last).cells) grid.insert(cell.id);
  } catch (const Error&) {
    return;
  }
  const auto others =
      std::count_if(study.cells.begin(), study.cells.end(), [&](const auto& cell) { return !grid.contains(cell.id); });
  if (others == 0) return;
  const std::string yaml = shell_word(arguments.study);
  fmt::print(stderr, "klbench: {} of the {} cells are of another grid than {} names now; klbench status --why {}\n",
             others, study.cells.size(), yaml, yaml);
}

}  // namespace

bool names_yaml(const std::string& study) {
  const std::string suffix = file_suffix(study);
  return suffix == ".yaml" || suffix == ".yml";
}

bool is_file_only(const ResultsLayout& layout) {
  std::error_code error;
  return !exists_at(layout.plan()) && std::filesystem::is_regular_file(layout.study_file(), error);
}

StudyTarget open_plan(const StudyArguments& arguments, bool warn) {
  StudyTarget target;
  target.arguments = arguments;
  if (!names_yaml(arguments.study)) {
    const PlanRecord record = plan_record(arguments);
    target.arguments.study = record.file;
    target.arguments.settings = overridden(record.settings, arguments.settings);
    for (const auto& plugin : record.plugins) target.arguments.plugins.push_back(plugin);
  }
  StudySource source = read_source(target.arguments.study, target.arguments.settings, target.arguments.plugins);
  target.arguments.settings = source.study.settings;
  for (auto& plugin : target.arguments.plugins) plugin = resolve_path(plugin, {}).string();
  target.layout =
      names_yaml(arguments.study) ? ResultsLayout{arguments.results, source.study.name} : named_layout(arguments);
  target.plugins = source.plugins;
  target.plan = plan_study(std::move(source));
  if (warn) {
    for (const auto& line : target.plan.warnings) spdlog::warn("{}", one_line(line));
  }
  return target;
}

StudyTarget open_target(const StudyArguments& arguments, bool warn) {
  StudyTarget target = open_plan(arguments, warn);
  target.cells = plan_tasks(target.plan);
  return target;
}

StudyTarget locate_target(const StudyArguments& arguments) {
  if (names_yaml(arguments.study)) return open_target(arguments);
  check_unused(arguments);
  StudyTarget target;
  target.arguments = arguments;
  target.layout = named_layout(arguments);
  target.cells = plan_record(arguments).cells;
  return target;
}

ResultsLayout results_layout(const StudyArguments& arguments) {
  if (names_yaml(arguments.study)) {
    return {arguments.results, read_source(arguments.study, {}, arguments.plugins).study.name};
  }
  check_unused(arguments);
  return named_layout(arguments);
}

StudyResult read_results(const StudyArguments& arguments) {
  const ResultsLayout layout = results_layout(arguments);
  if (std::filesystem::path(arguments.study).extension() == ".h5") return read_study(layout.study_file());
  if (!exists_at(layout.study_file()) && !exists_at(layout.plan())) {
    const std::string how = names_yaml(arguments.study)
                                ? fmt::format("klbench run {} makes them", shell_word(arguments.study))
                                : "give its YAML file, its .h5 file, or --results";
    throw UsageError(
        one_line(fmt::format("no results of study '{}' in {}: {}", layout.study, layout.root.string(), how)));
  }
  if (names_yaml(arguments.study)) check_owner(layout, arguments.study);
  CurrentResults current = current_results(layout);
  if (!current.note.empty()) fmt::print(stderr, "klbench: {}\n", one_line(current.note));
  if (names_yaml(arguments.study)) note_other_grid(arguments, layout, current.study);
  return std::move(current.study);
}

}  // namespace klbench
