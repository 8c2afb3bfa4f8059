#include "sweep/current_results.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "core/error.h"
#include "core/log.h"
#include "storage/cell_file.h"
#include "storage/lock.h"
#include "sweep/cell_states.h"
#include "sweep/open_study.h"
#include "sweep/run_study.h"

namespace klbench {

namespace {

/// The grid of the last run; nothing where none is known.
std::optional<PlanRecord> last_plan(const ResultsLayout& layout) {
  try {
    return read_plan_record(layout);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

/// Whether a cell of the grid was published that the study's file lacks, or after it.
bool outdated(const StudyResult& file, const PlanRecord& plan, const ResultsLayout& layout) {
  std::set<std::string> ids;
  for (const auto& cell : file.cells) ids.insert(cell.id);
  std::error_code error;
  const auto collected = std::filesystem::last_write_time(layout.study_file(), error);
  for (const auto& cell : plan.cells) {
    const auto published = std::filesystem::last_write_time(layout.cell(cell.id).result(), error);
    if (!error && (!ids.contains(cell.id) || published > collected)) return true;
  }
  return false;
}

/// The study of a run; only its name where its YAML cannot be read any more.
Study study_of(const PlanRecord& plan, const ResultsLayout& layout) {
  try {
    return read_source(plan.file, plan.settings, plan.plugins).study;
  } catch (const Error& error) {
    spdlog::warn("{}; the study's figures are not known", error.what());
    Study study;
    study.name = layout.study;
    return study;
  }
}

}  // namespace

CurrentResults current_results(const ResultsLayout& layout) {
  const auto plan = last_plan(layout);
  const bool running = lock_is_held(layout.lock());
  std::error_code error;
  const bool collected = std::filesystem::exists(layout.study_file(), error);
  if (!plan || (!running && collected)) {
    StudyResult file = read_study(layout.study_file());
    if (!plan || !outdated(file, *plan, layout)) return {std::move(file), ""};
  }
  CurrentResults current;
  current.study = gather_study(study_of(*plan, layout), plan->settings, plan->cells, layout);
  current.note = fmt::format("{}: {} of {} cells, {}", layout.study, current.study.cells.size(), plan->cells.size(),
                             running ? "a run is going on" : "no run is going on");
  return current;
}

}  // namespace klbench
