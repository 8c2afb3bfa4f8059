#include "cli/figure_check.h"

#include <algorithm>

#include "core/error.h"
#include "core/log.h"
#include "plotting/names.h"
#include "plotting/plot.h"
#include "plotting/rows.h"
#include "sweep/builtin.h"
#include "sweep/forecast.h"

namespace klbench {

namespace {

/// Whether the study without --set can draw the figure.
bool can_draw_as_written(const StudyTarget& target, const FigureSpec& figure) {
  try {
    const Plan plan = plan_study(read_source(target.arguments.study, {}, target.arguments.plugins));
    check_figure(forecast_study(plan), figure);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

/// Built in: planning has refused all that its constructor could.
bool is_built_in(const Part& part) { return builtin_components().regularizers.contains(part.key); }

/// Whether the figures can be drawn whatever the remedies, so that the engine, which takes most of a second to load,
/// need not be asked about them. Floors, which take room in a figure, are of some remedies.
bool any_remedies_allow(const Plan& plan) {
  const auto& figures = plan.study.figures;
  const auto has_floor = [](const FigureSpec& figure) { return figure.floor; };
  const auto of_built_in = [](const PlannedCell& cell) {
    return std::all_of(cell.config.regularizer.begin(), cell.config.regularizer.end(), is_built_in);
  };
  if (std::any_of(figures.begin(), figures.end(), has_floor)) return false;
  if (!std::all_of(plan.cells.begin(), plan.cells.end(), of_built_in)) return false;
  try {
    const StudyResult least = forecast_study(plan, /*least=*/true);
    for (const auto& figure : figures) check_figure(least, figure);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

/// The rows of the grid's table, without results.
StudyResult grid_rows(const Plan& plan) {
  StudyResult grid;
  for (const auto& planned : plan.cells) {
    CellResult& cell = grid.cells.emplace_back();
    cell.method = planned.config.method();
    cell.config = planned.config.of_result().flat();
    cell.status = CellStatus::done;
  }
  return grid;
}

/// The study's baseline is a row, and each of its names is of something.
void check_rows(const StudyTarget& target) {
  const Study& study = target.plan.study;
  if (study.baseline.empty() && study.names.empty()) return;
  const StudyResult grid = grid_rows(target.plan);
  const bool as_written = target.arguments.settings.empty();
  const auto refuse = [&](const Place& place, const std::string& what, const char* effect) {
    const UsageError placed(place, what);
    if (as_written) throw placed;
    spdlog::warn("{} (with --set; {})", placed.what(), effect);
  };
  try {
    if (!study.baseline.empty()) find_row(grid, group_cells(grid, {}), study.baseline, "baseline");
  } catch (const UsageError& error) {
    refuse(study.baseline_place, error.what(), "tables will have none");
  }
  if (const auto idle = idle_name(grid, study.names))
    refuse(study.name_places.at(*idle), idle_name_text(*idle), "it names nothing");
}

}  // namespace

void check_figures(const StudyTarget& target) {
  check_rows(target);
  const auto& figures = target.plan.study.figures;
  if (figures.empty() || any_remedies_allow(target.plan)) return;
  const StudyResult forecast = forecast_study(target.plan);
  for (const auto& figure : figures) {
    try {
      check_figure(forecast, figure);
    } catch (const UsageError& error) {
      if (target.arguments.settings.empty() || !can_draw_as_written(target, figure)) throw;
      spdlog::warn("{} (with --set; it will not be drawn)", error.what());
    }
  }
}

}  // namespace klbench
