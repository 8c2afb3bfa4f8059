#include "sweep/run_study.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "config/figure_json.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/process.h"
#include "core/shared_folder.h"
#include "storage/cell_file.h"
#include "storage/collect.h"
#include "storage/lock.h"
#include "storage/manifest.h"
#include "storage/set_aside.h"
#include "sweep/cell_states.h"
#include "sweep/garbage.h"
#include "sweep/keep_pass.h"
#include "sweep/restore.h"
#include "sweep/reuse.h"

namespace klbench {

namespace {

std::vector<std::string> ids_of(const std::vector<CellTask>& tasks) {
  std::vector<std::string> ids;
  for (const auto& task : tasks) ids.push_back(task.id);
  return ids;
}

/// The study's YAML, and the settings of the command line below it.
std::string text_of(const Study& study, const std::vector<std::string>& settings) {
  std::string text = study.text;
  for (const auto& setting : settings) text += fmt::format("# --set {}\n", one_line(setting));
  return text;
}

/// What the study's file, where there is one, has of the grid's cells; read when the first is asked for.
class EarlierCells {
 public:
  explicit EarlierCells(const ResultsLayout& layout) : layout_(layout) {
    std::error_code error;
    if (!std::filesystem::exists(layout.study_file(), error)) return;
    try {
      const auto ids = read_study_ids(layout.study_file());
      for (std::size_t row = 0; row < ids.size(); ++row) rows_[ids[row]] = row;
    } catch (const NewerResults&) {
      throw;
    } catch (const UsageError& problem) {
      spdlog::warn("{}; not used", problem.what());
      is_readable_ = false;
    }
  }

  bool is_readable() const { return is_readable_; }

  std::optional<std::pair<CellResult, std::string>> find(const std::string& id) {
    const auto row = rows_.find(id);
    if (row == rows_.end()) return std::nullopt;
    if (!cells_) cells_ = read_study_cells(layout_.study_file());
    spdlog::warn("{}: kept from {}, its own file is not there", id, layout_.study_file().string());
    return std::pair{cells_->table.cell(row->second), cells_->provenance[id]};
  }

  /// Those of other grids.
  std::set<std::string> without(const std::vector<std::string>& ids) const {
    std::set<std::string> others;
    for (const auto& [id, row] : rows_) others.insert(id);
    for (const auto& id : ids) others.erase(id);
    return others;
  }

 private:
  const ResultsLayout& layout_;
  std::map<std::string, std::size_t> rows_;
  std::optional<StoredCells> cells_;
  bool is_readable_ = true;
};

/// The cells of a study as their folder and, where it alone still has them, the study's file hold them: each to `use`,
/// what is known beside them to `head`. Gives what is damaged.
std::vector<std::string> gather(const Study& study, const std::vector<std::string>& settings,
                                const std::vector<CellTask>& tasks, const ResultsLayout& layout, EarlierCells& earlier,
                                StudyHead& head, const CellUse& use) {
  const auto ids = ids_of(tasks);
  std::map<std::string, std::vector<std::string>> tags;
  for (const auto& task : tasks) tags[task.id] = task.tags;
  const auto use_tagged = [&](CellResult&& cell) {
    cell.tags = tags[cell.id];
    use(std::move(cell));
  };
  auto collected = collect(layout.folder(), ids, use_tagged, [&](const std::string& id) { return earlier.find(id); });
  head = {study.name,
          text_of(study, settings),
          study.figures,
          std::move(collected.missing),
          std::move(collected.provenance),
          study.baseline};
  return std::move(collected.damaged);
}

/// Hash of everything that results/<study>.h5 is made of, as far as the manifest vouches for the cells.
std::string collection_hash(const Study& study, const std::vector<std::string>& settings,
                            const std::vector<std::string>& ids, const Manifest& cells) {
  std::string text = study.name + '\0' + text_of(study, settings) + '\n' + figures_json(study.figures);
  for (const auto& id : ids) {
    const auto cell = cells.entries().find(id);
    text += fmt::format("\n{} {}", id, cell == cells.entries().end() ? "" : cell->second.hash);
  }
  return content_hash(text);
}

void say_what_is_reused(const std::vector<CellTask>& tasks, const ResultsLayout& layout, const RunPolicy& policy,
                        std::size_t restored) {
  for (const auto& line : reuse_lines(layout.study, foresee(tasks, layout, policy))) fmt::print(stderr, "{}\n", line);
  if (restored > 0) fmt::print(stderr, "  {} taken from {}\n", restored, layout.study_file().string());
}

}  // namespace

RunSummary run_study(const Study& study, const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                     const std::vector<std::string>& settings, const std::vector<std::string>& plugins,
                     const RunOptions& options) {
  if (!options.take_over) check_owner(layout, study.file);
  remove_dead_locks(layout.folder());
  const FileLock lock(layout.lock());
  for (const auto& folder : {layout.root, layout.folder()}) look_again(folder);
  for (const auto& path : leftover_files(layout)) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  const std::size_t restored = restore_cells(tasks, layout);
  const KeepPass lacking = find_lacking(tasks, layout);
  RunOptions run_options = options;
  run_options.policy.again = lacking.train;
  if (options.progress != ProgressStyle::quiet) say_what_is_reused(tasks, layout, run_options.policy, restored);
  PlanRecord record{std::filesystem::absolute(study.file).string(), settings, plugins, tasks};
  write_plan_record(layout.plan(), record);
  const bool all_kept = make_from_weights(lacking.from_weights, tasks, layout, options);
  const auto launcher =
      options.launcher.entry().make(options.launcher.options, {layout.jobs(), layout.study, executable_path()});
  RunSummary summary = run_cells(tasks, layout, run_options, *launcher);
  summary.incomplete = summary.incomplete || !all_kept;
  const bool kept_more = !lacking.from_weights.empty() || !lacking.train.empty();
  if (kept_more || !is_collected(study, settings, tasks, layout)) collect_study(study, settings, tasks, layout);
  return summary;
}

StudyResult gather_study(const Study& study, const std::vector<std::string>& settings,
                         const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  StudyResult result;
  EarlierCells earlier(layout);
  gather(study, settings, tasks, layout, earlier, result,
         [&](CellResult&& cell) { result.cells.push_back(std::move(cell)); });
  return result;
}

CollectReport collect_study(const Study& study, const std::vector<std::string>& settings,
                            const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  StudyHead head;
  StudyTable cells;
  EarlierCells earlier(layout);
  if (const auto others = earlier.without(ids_of(tasks)); !others.empty()) {
    write_back(others, layout);
    spdlog::warn("{}: {} cells that are not in this grid are left out; they stay in {}", layout.study_file().string(),
                 others.size(), layout.folder().string());
  }
  auto damaged = gather(study, settings, tasks, layout, earlier, head, [&](CellResult&& cell) { cells.add(cell); });
  if (!earlier.is_readable()) spdlog::warn("set aside as {}", set_aside(layout.study_file()).string());
  write_study(layout.study_file(), head, cells);
  const std::string hash = collection_hash(study, settings, ids_of(tasks), Manifest(layout.manifest()));
  if (damaged.empty()) Manifest(layout.collected()).add(hash, layout.study_file(), hash);
  return {std::move(head.missing), std::move(damaged)};
}

bool is_collected(const Study& study, const std::vector<std::string>& settings, const std::vector<CellTask>& tasks,
                  const ResultsLayout& layout) {
  const std::string hash = collection_hash(study, settings, ids_of(tasks), Manifest(layout.manifest()));
  return Manifest(layout.collected()).trusts(hash, layout.study_file());
}

}  // namespace klbench
