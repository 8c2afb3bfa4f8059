#include "sweep/run_study.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "config/figure_json.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/process.h"
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

/// Cells of the grid that only the study's file still holds are taken from there. False where that file is damaged.
bool keep_earlier(StudyResult& result, const std::vector<std::string>& ids, const ResultsLayout& layout) {
  std::error_code error;
  if (!std::filesystem::exists(layout.study_file(), error)) return true;
  StudyResult earlier;
  try {
    earlier = read_study(layout.study_file());
  } catch (const UsageError& problem) {
    spdlog::warn("{}; not used", problem.what());
    return false;
  }
  const std::set<std::string> wanted(ids.begin(), ids.end());
  std::map<std::string, CellResult> cells;
  for (auto& cell : result.cells) cells.emplace(cell.id, std::move(cell));
  std::size_t others = 0;
  for (auto& cell : earlier.cells) {
    others += wanted.contains(cell.id) ? 0 : 1;
    if (!wanted.contains(cell.id) || cells.contains(cell.id)) continue;
    spdlog::warn("{}: kept from {}, its own file is not there", cell.id, layout.study_file().string());
    std::erase(result.missing, cell.id);
    if (const auto known = earlier.provenance.find(cell.id); known != earlier.provenance.end()) {
      result.provenance.insert(*known);
    }
    cells.emplace(cell.id, std::move(cell));
  }
  if (others > 0) {
    spdlog::warn("{}: {} cells that are not in this grid are left out; they stay in {}", layout.study_file().string(),
                 others, layout.folder().string());
  }
  result.cells.clear();
  for (const auto& id : ids) {
    if (const auto found = cells.find(id); found != cells.end()) result.cells.push_back(std::move(found->second));
  }
  return true;
}

/// The cells of a study as their folder and, where it alone still has them, the study's file hold them.
struct Gathered {
  StudyResult result;
  std::vector<std::string> damaged;
  bool is_earlier_readable = true;  ///< the study's file, where there is one
};

Gathered gather(const Study& study, const std::vector<std::string>& settings, const std::vector<std::string>& ids,
                const ResultsLayout& layout) {
  Gathered gathered;
  gathered.result =
      collect(layout.folder(), study.name, text_of(study, settings), study.figures, ids, &gathered.damaged);
  gathered.result.baseline = study.baseline;
  gathered.is_earlier_readable = keep_earlier(gathered.result, ids, layout);
  return gathered;
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
  const FileLock lock(layout.lock());
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
  return gather(study, settings, ids_of(tasks), layout).result;
}

CollectReport collect_study(const Study& study, const std::vector<std::string>& settings,
                            const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  const auto ids = ids_of(tasks);
  auto [result, damaged, is_earlier_readable] = gather(study, settings, ids, layout);
  if (!is_earlier_readable) spdlog::warn("set aside as {}", set_aside(layout.study_file()).string());
  write_study(layout.study_file(), result);
  const std::string hash = collection_hash(study, settings, ids, Manifest(layout.manifest()));
  if (damaged.empty()) Manifest(layout.collected()).add(hash, layout.study_file(), hash);
  return {std::move(result.missing), std::move(damaged)};
}

bool is_collected(const Study& study, const std::vector<std::string>& settings, const std::vector<CellTask>& tasks,
                  const ResultsLayout& layout) {
  const std::string hash = collection_hash(study, settings, ids_of(tasks), Manifest(layout.manifest()));
  return Manifest(layout.collected()).trusts(hash, layout.study_file());
}

}  // namespace klbench
