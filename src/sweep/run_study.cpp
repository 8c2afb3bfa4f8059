#include "sweep/run_study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/collect.h"
#include "storage/lock.h"
#include "storage/manifest.h"

namespace klbench {

namespace {

/// Hash of everything that results/<study>.h5 is made of, as far as the manifest vouches for the cells.
std::string collection_hash(const Study& study, const std::vector<std::string>& ids, const Manifest& cells) {
  std::string text = study.name + '\0' + study.text;
  for (const auto& figure : study.figures) {
    text += fmt::format("\n{}\t{}\t{}\t{}\t{}\t{}\t{}{}{}\t{}", figure.name, figure.kind, figure.title,
                        fmt::join(figure.metrics, ","), figure.split, figure.over, figure.floor, figure.log_x,
                        figure.log_y, fmt::join(figure.only, ","));
  }
  for (const auto& id : ids) {
    const auto cell = cells.entries().find(id);
    text += fmt::format("\n{} {}", id, cell == cells.entries().end() ? "" : cell->second.hash);
  }
  return content_hash(text);
}

}  // namespace

RunSummary run_study(const Study& study, const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                     const std::vector<std::string>& settings, const std::vector<std::string>& plugins,
                     const RunOptions& options) {
  const FileLock lock(layout.lock());
  PlanRecord record{std::filesystem::absolute(study.file).string(), settings, plugins, tasks};
  write_plan_record(layout.plan(), record);
  const auto launcher = make_local_launcher();
  const RunSummary summary = run_cells(tasks, layout, options, *launcher);
  if (!is_collected(study, tasks, layout)) collect_study(study, tasks, layout);
  return summary;
}

std::vector<std::string> collect_study(const Study& study, const std::vector<CellTask>& tasks,
                                       const ResultsLayout& layout) {
  std::vector<std::string> ids;
  for (const auto& task : tasks) ids.push_back(task.id);
  std::vector<std::string> damaged;
  const StudyResult result = collect(layout.folder(), study.name, study.text, study.figures, ids, &damaged);
  write_study(layout.study_file(), result);
  const std::string hash = collection_hash(study, ids, Manifest(layout.manifest()));
  if (damaged.empty()) Manifest(layout.collected()).add(hash, layout.study_file(), hash);
  return result.missing;
}

bool is_collected(const Study& study, const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  std::vector<std::string> ids;
  for (const auto& task : tasks) ids.push_back(task.id);
  const std::string hash = collection_hash(study, ids, Manifest(layout.manifest()));
  return Manifest(layout.collected()).trusts(hash, layout.study_file());
}

}  // namespace klbench
