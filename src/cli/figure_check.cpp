#include "cli/figure_check.h"

#include "core/error.h"
#include "core/log.h"
#include "plotting/plot.h"
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

}  // namespace

void check_figures(const StudyTarget& target) {
  const auto& figures = target.plan.study.figures;
  if (figures.empty()) return;
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
