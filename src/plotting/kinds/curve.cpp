#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/figures.h"
#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"
#include "storage/epoch_columns.h"

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
    const double* value = epoch_metric(record, split, metric);
    if (value && std::isfinite(*value)) points.emplace_back(static_cast<double>(record.epoch), *value);
  }
  return points;
}

/// More rows than that stand in panels, over the others in grey; of one method each alone, unless they are too many.
constexpr std::size_t kRowsInPanel = 8, kRowsAlone = 40;
constexpr const char* kContextLine = "lc rgb '#D0D0D0' lw 0.8 dt solid";

/// The curves of one metric, in panels that share their axes.
class Curves {
 public:
  Curves(Figure& figure, const Request& request, const std::string& split, const std::string& metric)
      : figure_(figure), request_(request), split_(split), metric_(metric) {
    for (const auto& group : request.groups) {
      for (const auto& [x, values] : values_of(group)) x_values_.push_back(x);
    }
  }

  /// A panel of `groups`; all others of the request are grey means behind them.
  void add_panel(const std::string& title, const std::vector<const Group*>& groups) {
    Panel panel;
    panel.title = title;
    panel.log_x = request_.spec.log_x;
    panel.log_y = request_.spec.log_y;
    panel.x_label = "epoch";
    panel.y_label = request_.axis_label(metric_);
    panel.whole_x = true;
    for (const auto& group : request_.groups) {
      if (std::find(groups.begin(), groups.end(), &group) == groups.end()) add_context(panel, group);
    }
    std::vector<std::string> lines;  // come after all bands
    for (const Group* group : groups) add_group(panel, lines, *group);
    for (const Group* group : groups) add_floor(panel, *group);
    panel.plots.insert(panel.plots.end(), lines.begin(), lines.end());
    panels_.push_back(std::move(panel));
  }

  /// The panels; what is to be said of them goes into the figure's notes.
  std::vector<Panel> finish(std::set<std::string>& split_labels) {
    for (Panel& panel : panels_) {
      panel.x = request_.limits_x(range_of(x_values_, panel.log_x));
      panel.y = request_.limits_y(range_of(y_values_, panel.log_y));
    }
    for (const auto& note : {log_note(measured_, request_.spec.log_y, metric_), below_.text(split_), ends_note()}) {
      if (!note.empty()) figure_.notes.push_back(note);
    }
    split_labels.insert(split_labels_.begin(), split_labels_.end());
    if (has_floors_) figure_.explain(floor_legend());
    return std::move(panels_);
  }

 private:
  ByX values_of(const Group& group) const {
    ByX values;
    for (const CellResult* cell : group.cells) {
      for (const auto& [x, y] : track(*cell, split_, metric_)) values[x].push_back(y);
    }
    return values;
  }

  void add_context(Panel& panel, const Group& group) {
    const ByX values = values_of(group);
    if (values.empty()) return;
    std::string& data = contexts_[&group];
    if (data.empty()) {
      Rows rows;
      for (const auto& [x, sample] : values) rows.push_back({x, summarise(sample).mean});
      data = figure_.add(fmt::format("{} of {}, mean: x, value", metric_, group.label), rows);
    }
    panel.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, kContextLine));
  }

  void add_group(Panel& panel, std::vector<std::string>& lines, const Group& group) {
    const ByX values = values_of(group);
    if (values.empty()) return;
    const bool is_split = fall_in_two(values.rbegin()->second);
    if (is_split) split_labels_.insert(group.label);
    const bool singly = is_split || (group.cells.size() > 1 && group.cells.size() < kSeedsForBand);
    for (const CellResult* cell : group.cells) {
      Rows rows;
      for (const auto& [x, y] : track(*cell, split_, metric_)) {
        rows.push_back({x, y});
        y_values_.push_back(y);
        measured_.push_back(y);
      }
      if (rows.empty() || !singly) continue;
      const auto data =
          figure_.add(fmt::format("{} of {}, seed {}: x, value", metric_, group.label, cell_seed(*cell)), rows);
      if (is_split) {
        add_line(lines, data, group.style, rows.size());
      } else {
        const Style thin{lighten(group.style.colour, 0.45), 7, "solid"};
        panel.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, thin.line(0.7)));
      }
    }
    if (is_split) return;
    add_mean(panel, lines, group, values);
    if (const auto left = values.rbegin()->second.size(); left < values.begin()->second.size())
      ends_.push_back(fmt::format("{} ({} of {} seeds)", group.label, left, values.begin()->second.size()));
  }

  /// Means whose end is not of all seeds, as some stopped early.
  std::string ends_note() const {
    return ends_.empty() ? ""
                         : fmt::format("some seeds stop early, and the end of the mean is of those left: {}",
                                       fmt::join(ends_, ", "));
  }

  void add_mean(Panel& panel, std::vector<std::string>& lines, const Group& group, const ByX& values) {
    Rows rows;
    for (const auto& [x, sample] : values) {
      const Spread spread = spread_of(sample, metric_);
      rows.push_back({x, spread.summary.mean, spread.low, spread.high});
      y_values_.insert(y_values_.end(), {spread.low, spread.high});
    }
    const auto data = figure_.add(
        fmt::format("{} of {}, {} seeds: x, mean, low, high", metric_, group.label, group.cells.size()), rows);
    if (group.cells.size() >= kSeedsForBand) {
      panel.plots.push_back(fmt::format(
          "{} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}'", data, group.style.colour));
    }
    add_line(lines, data, group.style, rows.size());
  }

  /// At most about eight markers a line.
  static void add_line(std::vector<std::string>& lines, const std::string& data, const Style& style,
                       std::size_t points) {
    const auto drawn = line_with_markers(data + " using 1:2", style, 0.65, 1 + (points - 1) / 8);
    lines.insert(lines.end(), drawn.begin(), drawn.end());
  }

  /// A dashed line across the panel.
  void add_floor(Panel& panel, const Group& group) {
    const auto floor = nominal_floor(group.cells);
    if (!request_.spec.floor || !has_floor(metric_) || !floor || x_values_.empty()) return;
    const auto [first, last] = std::minmax_element(x_values_.begin(), x_values_.end());
    const auto data =
        figure_.add(fmt::format("analytic floor of {}", group.label), {{*first, *floor}, {*last, *floor}});
    panel.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, floor_line(group.style.colour)));
    has_floors_ = true;
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
  std::vector<Panel> panels_;
  std::map<const Group*, std::string> contexts_;  // data blocks
  std::vector<double> x_values_;
  std::vector<double> y_values_;
  std::vector<double> measured_;   ///< those of cells
  std::vector<std::string> ends_;  ///< of means that fewer seeds reach
  std::set<std::string> split_labels_;
  bool has_floors_ = false;
  FloorNote below_;
};

using Groups = std::vector<const Group*>;

void explain_group(Figure& figure, const Group& group) {
  figure.explain({group.label, group.style.line(1.6), group.style.marker(0.65)});
}

/// A panel a metric.
void add_together(Figure& figure, const Groups& groups, std::vector<Curves>& curves) {
  for (const Group* group : groups) explain_group(figure, *group);
  for (auto& metric : curves) metric.add_panel("", groups);
  const std::size_t count = curves.size();
  figure.columns = static_cast<int>(count == 4 ? 2 : std::min<std::size_t>(count, 3));
  if (count > 1) figure.panel_width = count > 2 ? 1.9 : 2.5;
}

/// The rows of a panel each.
std::vector<Groups> panels_of(const Groups& groups) {
  std::vector<Groups> methods, panels;
  for (const Group* group : groups) {
    const auto of_method = std::find_if(methods.begin(), methods.end(),
                                        [&](const Groups& same) { return same[0]->method == group->method; });
    of_method == methods.end() ? methods.push_back({group}) : of_method->push_back(group);
  }
  for (const auto& rows : methods) {
    if (rows.size() <= kRowsInPanel || rows.size() > kRowsAlone) {
      panels.push_back(rows);
    } else {
      for (const Group* row : rows) panels.push_back({row});
    }
  }
  return panels;
}

/// A panel for each of `parts` (and metric).
void add_multiples(Figure& figure, const std::vector<Groups>& parts, std::vector<Curves>& curves) {
  for (const auto& groups : parts) {
    const bool variants = groups.size() > 1;
    const std::string& label = groups[0]->label;
    for (auto& metric : curves) metric.add_panel(variants ? label.substr(0, label.rfind(" (")) : label, groups);
    for (const Group* group : groups) {
      if (variants) explain_group(figure, *group);
    }
  }
  figure.explain({"the others", kContextLine, ""});
  figure.columns = static_cast<int>(curves.size() > 1 ? curves.size() : parts.size() > 12 ? 5 : 4);
  figure.panel_width = curves.size() > 1 ? 1.6 : 1.2;
  figure.panel_height = 0.62 * figure.panel_width;
  figure.narrowest = 0.6;
}

Figure make_curves(const Request& request, const std::vector<std::string>& metrics, const std::string& what) {
  const std::string split = recorded_split(request, metrics);
  Figure figure = request.figure(fmt::format("{} by epoch, {}", what, split));
  Groups groups;
  for (const auto& group : request.groups) {
    const bool drawn = std::any_of(group.cells.begin(), group.cells.end(), [&](const CellResult* cell) {
      return std::any_of(metrics.begin(), metrics.end(),
                         [&](const std::string& metric) { return !track(*cell, split, metric).empty(); });
    });
    if (drawn) groups.push_back(&group);
  }
  std::vector<Curves> curves;
  for (const auto& metric : metrics) curves.emplace_back(figure, request, split, metric);
  if (const auto parts = panels_of(groups); groups.size() > kRowsInPanel && parts.size() > 1) {
    add_multiples(figure, parts, curves);
  } else {
    add_together(figure, groups, curves);
  }
  std::set<std::string> split_labels;
  std::vector<std::vector<Panel>> panels;  // by metric
  for (auto& metric : curves) panels.push_back(metric.finish(split_labels));
  for (std::size_t i = 0; i < panels[0].size(); ++i) {
    for (auto& of_metric : panels) figure.panels.push_back(std::move(of_metric[i]));
  }
  if (const auto note = split_note(split_labels); !note.empty()) figure.notes.insert(figure.notes.begin(), note);
  figure.notes.insert(figure.notes.begin(), spread_note(seed_counts(request.groups), "drawn thin"));
  return figure;
}

/// Metrics by epoch, one panel each: mean and 95% t band over seeds from 5 seeds on, else the seeds thin and their
/// mean; seeds that fall into two groups singly. More than eight rows stand in panels, those of a method in one. The
/// split is that of the specification; `test`, which is evaluated only once, means valid.
Figure make_curve(const Request& request) {
  if (request.spec.metrics.empty()) request.fail("name what to draw, e.g. metric: kl");
  const auto& metrics = request.spec.metrics;
  return make_curves(request, metrics,
                     metrics.size() == 1 ? display_metric(metrics[0], request.spec.names) : "Training");
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
  return make_curves(request, metrics, "Training dynamics");
}

KLBENCH_FIGURE(
    make_curve,
    {.spec = {.key = "curve",
              .summary = "metrics by epoch, a panel each: mean and 95% band over seeds, below 5 seeds the seeds"},
     .wants = {"metric"},
     .takes = {"split", "floor", "log_x", "log_y", "x_limits", "y_limits"},
     .by_epoch = true});

KLBENCH_FIGURE(make_dynamics,
               {.spec = {.key = "dynamics", .summary = "KL, mutual information and marginal KL by epoch, a panel each"},
                .takes = {"metric", "split", "floor", "log_x", "log_y", "x_limits", "y_limits"},
                .by_epoch = true});

}  // namespace

}  // namespace klbench
