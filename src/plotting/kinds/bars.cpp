#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

struct Bar {
  const Group* group;
  double y;  ///< vertical place; the first group is at the top
  std::map<std::int64_t, double> by_seed;
  std::optional<double> floor;
};

std::vector<Bar> bars_of(const Request& request, const std::vector<const Group*>& groups, const std::string& metric) {
  std::vector<Bar> bars;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Bar bar{
        groups[i], static_cast<double>(groups.size() - i), final_by_seed(*groups[i], request.spec.split, metric), {}};
    if (request.spec.floor && has_floor(metric)) bar.floor = nominal_floor(groups[i]->cells);
    if (!bar.by_seed.empty()) bars.push_back(std::move(bar));
  }
  return bars;
}

/// Bars must start at 0; where that would hide the differences, dots on a cut axis stand in for them.
bool far_from_zero(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return false;
  return (*low > 0 && *low > 0.6 * *high) || (*high < 0 && *high < 0.6 * *low);
}

void draw_bar(Figure& figure, Panel& panel, const Bar& bar, const std::string& metric, bool dots, double base) {
  const Spread spread = spread_of(values_of(bar.by_seed), metric);
  const Summary& summary = spread.summary;
  const Style& style = bar.group->style;
  const auto mean =
      figure.add(fmt::format("{} of {}: mean, place, ends of the 95% t interval, seeds", metric, bar.group->label),
                 {{summary.mean, bar.y, spread.low, spread.high, static_cast<double>(summary.n)}});
  if (!dots) {
    panel.plots.push_back(
        fmt::format("{} using ({}):2:({}):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '{}' fs solid 0.8 noborder",
                    mean, number((base + summary.mean) / 2), number(base), style.colour));
  }
  if (spread.has_interval()) {
    panel.plots.push_back(fmt::format("{} using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2", mean));
  }
  if (dots) panel.plots.push_back(fmt::format("{} using 1:2 with points {}", mean, style.marker(1.1)));
  Rows rows;
  std::size_t i = 0;
  for (const auto& [seed, value] : bar.by_seed) {
    // Seeds lie beside each other across the bar, so that equal values stay visible.
    const double offset = bar.by_seed.size() < 2
                              ? 0
                              : 0.36 * (static_cast<double>(i++) / static_cast<double>(bar.by_seed.size() - 1) - 0.5);
    rows.push_back({value, bar.y - offset, static_cast<double>(seed)});
  }
  const auto seeds = figure.add(fmt::format("{} of {} by seed: value, place, seed", metric, bar.group->label), rows);
  panel.plots.push_back(fmt::format("{} using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF'", seeds));
  panel.plots.push_back(fmt::format("{} using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222'", seeds));
}

void draw_floors(Figure& figure, Panel& panel, const std::vector<Bar>& bars) {
  Rows rows;
  for (const Bar& bar : bars) {
    if (bar.floor) rows.push_back({*bar.floor, bar.y - 0.42, 0, 0.84});
  }
  if (rows.empty()) return;
  const auto data = figure.add("analytic floor: value, lower end, 0, height", rows);
  panel.plots.push_back(fmt::format("{} using 1:2:3:4 with vectors nohead lw 2.2 lc rgb '#000000' dt (4,2)", data));
  figure.explain({"analytic floor (nominal)", "lw 2.2 lc rgb '#000000' dt (4,2)", ""});
}

Panel make_panel(Figure& figure, const Request& request, const std::vector<const Group*>& groups,
                 const std::string& metric) {
  const auto bars = bars_of(request, groups, metric);
  Panel panel;
  panel.x_label = request.axis_label(metric);
  panel.log_x = request.spec.log_x || request.spec.log_y;
  std::vector<double> values;
  for (const Bar& bar : bars) {
    for (const auto& [seed, value] : bar.by_seed) values.push_back(value);
    if (bar.floor) values.push_back(*bar.floor);
  }
  const bool dots = far_from_zero(values) || panel.log_x;
  std::set<std::string> split_labels;
  for (const Bar& bar : bars) {
    const Spread spread = spread_of(values_of(bar.by_seed), metric);
    values.insert(values.end(), {spread.low, spread.high});
    if (spread.is_split) split_labels.insert(bar.group->label);
  }
  panel.x = request.limits_x(range_of(values, panel.log_x, !dots));
  panel.y = {0.4, static_cast<double>(groups.size()) + 0.6};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    panel.y_ticks.push_back({static_cast<double>(groups.size() - i), groups[i]->label});
  }
  panel.settings = {dots ? "set grid ytics" : "set grid noytics"};
  for (const Bar& bar : bars) draw_bar(figure, panel, bar, metric, dots, 0);
  draw_floors(figure, panel, bars);
  FloorNote below;
  for (const Bar& bar : bars) {
    const auto measured = measured_floor(bar.group->cells);
    for (const auto& [seed, value] : bar.by_seed) below.see(bar.group->label, value, bar.floor, measured);
  }
  for (const auto& note :
       {split_note(split_labels), below.text(request.spec.split), log_note(values, panel.log_x, metric)}) {
    if (!note.empty()) figure.notes.push_back(note);
  }
  return panel;
}

/// Final metrics by method: bars, or dots on a cut axis where all values are far from 0; every seed a point, the
/// analytic floor a tick.
Figure make_bars(const Request& request) {
  const auto metrics = request.final_metrics({"kl"});
  Figure figure = request.figure(fmt::format("Final results, {}", request.spec.split));
  std::vector<const Group*> groups;
  for (const auto& group : request.groups) {
    const bool any = std::any_of(metrics.begin(), metrics.end(), [&](const std::string& metric) {
      return !final_by_seed(group, request.spec.split, metric).empty();
    });
    if (any) groups.push_back(&group);
  }
  figure.columns = static_cast<int>(std::min<std::size_t>(metrics.size(), 3));
  figure.panel_width = metrics.size() == 1 ? 3.0 : metrics.size() == 2 ? 2.2 : 1.6;
  figure.panel_height = std::clamp(0.21 * static_cast<double>(groups.size()), 0.8, 6.0);
  for (const auto& metric : metrics) figure.panels.push_back(make_panel(figure, request, groups, metric));
  figure.notes.insert(figure.notes.begin(), spread_note(seed_counts(request.groups), "a circle"));
  return figure;
}

KLBENCH_FIGURE(make_bars, {.spec = {.key = "bars", .summary = "final metrics by method, every seed a point"},
                           .wants = {"metric"},
                           .takes = {"split", "floor", "log_x", "log_y", "x_limits"}});

}  // namespace

}  // namespace klbench
