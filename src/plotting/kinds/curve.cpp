#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/figures.h"
#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

/// One value a seed at each x.
using ByX = std::map<double, std::vector<double>>;

/// The split to draw; fails for splits and metrics that no epoch record has.
std::string recorded_split(const Request& request, const std::vector<std::string>& metrics) {
  const std::string wanted = request.spec.split == "test" ? "valid" : request.spec.split;
  std::set<std::string> splits;
  std::set<std::string> names;
  for (const auto& group : request.groups) {
    for (const CellResult* cell : group.cells) {
      for (const auto& record : cell->epochs) {
        for (const auto& [split, values] : record.metrics) {
          splits.insert(split);
          if (split != wanted) continue;
          for (const auto& [name, value] : values) names.insert(name);
        }
      }
    }
  }
  if (splits.empty()) request.fail("no metric is recorded by epoch; set eval.every to the epochs between evaluations");
  if (!splits.count(wanted)) request.fail(unknown_name("split", wanted, {splits.begin(), splits.end()}), "split");
  for (const auto& metric : metrics) {
    if (!names.count(metric)) request.fail_metric(metric, "by epoch on " + wanted, names);
  }
  return wanted;
}

std::vector<std::pair<double, double>> track(const CellResult& cell, const std::string& split,
                                             const std::string& metric) {
  std::vector<std::pair<double, double>> points;
  for (const auto& record : cell.epochs) {
    const auto metrics = record.metrics.find(split);
    if (metrics == record.metrics.end()) continue;
    const auto value = metrics->second.find(metric);
    if (value == metrics->second.end() || !std::isfinite(value->second)) continue;
    points.emplace_back(static_cast<double>(record.epoch), value->second);
  }
  return points;
}

class CurvePanel {
 public:
  CurvePanel(Figure& figure, const Request& request, const std::string& split, const std::string& metric)
      : figure_(figure), request_(request), split_(split), metric_(metric) {}

  Panel make() {
    panel_.log_x = request_.spec.log_x;
    panel_.log_y = request_.spec.log_y;
    panel_.y_label = axis_label(metric_);
    panel_.x_label = "epoch";
    for (const auto& group : request_.groups) add_group(group);
    for (const auto& group : request_.groups) add_floor(group);
    panel_.plots.insert(panel_.plots.end(), lines_.begin(), lines_.end());
    panel_.whole_x = true;
    panel_.x = range_of(x_values_, panel_.log_x);
    panel_.y = range_of(y_values_, panel_.log_y);
    for (const auto& note : {log_note(y_values_, panel_.log_y, metric_), below_.text(split_)}) {
      if (!note.empty()) figure_.notes.push_back(note);
    }
    return panel_;
  }

 private:
  void add_group(const Group& group) {
    ByX values;
    for (const CellResult* cell : group.cells) {
      Rows rows;
      for (const auto& [x, y] : track(*cell, split_, metric_)) {
        values[x].push_back(y);
        rows.push_back({x, y});
        x_values_.push_back(x);
        y_values_.push_back(y);
      }
      if (rows.empty() || group.cells.size() < 2 || group.cells.size() >= kSeedsForBand) continue;
      const auto data =
          figure_.add(fmt::format("{} of {}, seed {}: x, value", metric_, group.label, cell_seed(*cell)), rows);
      panel_.plots.push_back(fmt::format("{} using 1:2 with lines {}", data,
                                         Style{lighten(group.style.colour, 0.45), 7, "solid"}.line(0.7)));
    }
    if (!values.empty()) add_mean(group, values);
  }

  void add_mean(const Group& group, const ByX& values) {
    Rows rows;
    for (const auto& [x, sample] : values) {
      const Summary summary = summarise(sample);
      const double half = summary.n >= kSeedsForBand ? summary.half_width : 0;
      rows.push_back({x, summary.mean, summary.mean - half, summary.mean + half});
      y_values_.push_back(rows.back()[2]);
      y_values_.push_back(rows.back()[3]);
    }
    const bool band = group.cells.size() >= kSeedsForBand;
    const auto data = figure_.add(
        fmt::format("{} of {}, {} seeds: x, mean, low, high", metric_, group.label, group.cells.size()), rows);
    if (band) {
      panel_.plots.push_back(fmt::format(
          "{} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}'", data, group.style.colour));
    }
    // Lines come after all bands; at most about eight markers a line.
    const auto drawn = line_with_markers(data + " using 1:2", group.style, 0.65, 1 + (rows.size() - 1) / 8);
    lines_.insert(lines_.end(), drawn.begin(), drawn.end());
  }

  /// A dashed line across the panel.
  void add_floor(const Group& group) {
    const auto floor = nominal_floor(group.cells);
    if (!request_.spec.floor || !has_floor(metric_) || !floor || x_values_.empty()) return;
    const auto [first, last] = std::minmax_element(x_values_.begin(), x_values_.end());
    const auto data =
        figure_.add(fmt::format("analytic floor of {}", group.label), {{*first, *floor}, {*last, *floor}});
    panel_.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, floor_line(group.style.colour)));
    y_values_.push_back(*floor);
    for (const CellResult* cell : group.cells) {
      for (const auto& [x, kl] : track(*cell, split_, metric_))
        below_.see(group.label, kl, floor, measured_floor({cell}));
    }
  }

  Figure& figure_;
  const Request& request_;
  const std::string& split_;
  const std::string& metric_;
  Panel panel_;
  std::vector<std::string> lines_;
  std::vector<double> x_values_;
  std::vector<double> y_values_;
  FloorNote below_;
};

Figure curves(const Request& request, const std::vector<std::string>& metrics, const std::string& what) {
  const std::string split = recorded_split(request, metrics);
  Figure figure = request.figure(fmt::format("{} by epoch, {}", what, split));
  figure.columns = static_cast<int>(metrics.size() == 4 ? 2 : std::min<std::size_t>(metrics.size(), 3));
  if (metrics.size() > 1) figure.panel_width = metrics.size() > 2 ? 1.9 : 2.5;
  for (const auto& metric : metrics) figure.panels.push_back(CurvePanel(figure, request, split, metric).make());
  for (const auto& group : request.groups) {
    const bool drawn = std::any_of(group.cells.begin(), group.cells.end(), [&](const CellResult* cell) {
      return std::any_of(metrics.begin(), metrics.end(),
                         [&](const std::string& metric) { return !track(*cell, split, metric).empty(); });
    });
    if (drawn) figure.legend.push_back({group.label, group.style.line(1.6), group.style.marker(0.65)});
  }
  const bool floors = std::any_of(request.groups.begin(), request.groups.end(),
                                  [](const Group& group) { return nominal_floor(group.cells).has_value(); }) &&
                      std::any_of(metrics.begin(), metrics.end(), has_floor);
  if (request.spec.floor && floors) figure.legend.push_back(floor_legend());
  figure.notes.insert(figure.notes.begin(), spread_note(request.groups, "drawn thin"));
  return figure;
}

/// Metrics by epoch, one panel each: mean and 95% t band over seeds from 5 seeds on, else the seeds thin and their
/// mean. The split is that of the specification; `test`, which is evaluated only once, means valid.
Figure make_curve(const Request& request) {
  if (request.spec.metrics.empty()) request.fail("name what to draw, e.g. metric: kl");
  const auto& metrics = request.spec.metrics;
  return curves(request, metrics, metrics.size() == 1 ? metric_info(metrics[0]).long_name : "Training");
}

/// `curve` with KL, mutual information and marginal KL side by side.
Figure make_dynamics(const Request& request) {
  std::vector<std::string> metrics = request.spec.metrics;
  if (metrics.empty()) {
    // Names beginning with marginal_kl: what an evaluation records of the pair differs between splits.
    std::set<std::string> recorded;
    for (const auto& group : request.groups) {
      for (const CellResult* cell : group.cells) {
        for (const auto& record : cell->epochs) {
          for (const auto& [split, values] : record.metrics) {
            for (const auto& [name, value] : values) recorded.insert(name);
          }
        }
      }
    }
    metrics = {"kl", "mi"};
    const auto marginal = std::find_if(recorded.begin(), recorded.end(),
                                       [](const std::string& name) { return name.rfind("marginal_kl", 0) == 0; });
    metrics.push_back(marginal == recorded.end() ? "marginal_kl" : *marginal);
  }
  return curves(request, metrics, "Training dynamics");
}

KLBENCH_FIGURE(
    make_curve,
    {.spec = {.key = "curve",
              .summary = "metrics by epoch, a panel each: mean and 95% band over seeds, below 5 seeds the seeds"},
     .wants = {"metric"},
     .takes = {"split", "floor", "log_x", "log_y"},
     .by_epoch = true});

KLBENCH_FIGURE(make_dynamics,
               {.spec = {.key = "dynamics", .summary = "KL, mutual information and marginal KL by epoch, a panel each"},
                .takes = {"metric", "split", "floor", "log_x", "log_y"},
                .by_epoch = true});

}  // namespace

}  // namespace klbench
