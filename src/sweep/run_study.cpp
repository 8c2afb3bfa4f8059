#include "sweep/run_study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/collect.h"
#include "storage/lock.h"
#include "storage/manifest.h"
#include "sweep/cell_states.h"

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

/// Removes what killed processes were about to publish: temporaries of write_file_durably, except those of cells that
/// somebody works on.
void remove_leftovers(const ResultsLayout& layout) {
  std::error_code error;
  const auto remove_from = [&](const std::filesystem::path& folder, const std::string& prefix) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(prefix) || name.find(".tmp.") == std::string::npos) continue;
      if (lock_is_held(layout.cell(name.substr(0, name.find('.')), ".lock"))) continue;
      std::error_code ignored;
      std::filesystem::remove(entry.path(), ignored);
    }
  };
  remove_from(layout.folder(), "");
  remove_from(layout.root, layout.study_file().filename().string() + ".tmp.");
}

}  // namespace

RunSummary run_study(const Study& study, const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                     const std::vector<std::string>& settings, const std::vector<std::string>& plugins,
                     const RunOptions& options) {
  const FileLock lock(layout.lock());
  remove_leftovers(layout);
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
