#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "config/cell_config.h"
#include "config/figures.h"
#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

/// Places of the option's values on the x axis: numbers stand at themselves, texts at 1, 2, ... with their text as
/// tick.
class OptionAxis {
 public:
  OptionAxis(const Request& request, const std::string& option) : option_(option) {
    std::set<std::string> texts;
    std::set<std::string> options;
    for (const auto& cell : request.study.cells) {
      for (const auto& [name, value] : cell.config) options.insert(name);
      const auto value = cell.config.find(option);
      if (value == cell.config.end()) continue;
      if (!option_number(cell, option)) numeric_ = false;
      if (!std::holds_alternative<std::int64_t>(value->second)) whole_ = false;
      if (texts.insert(to_string(value->second)).second) texts_.push_back(to_string(value->second));
    }
    if (option.empty()) request.fail("name the swept option, e.g. over: model.latent_dim");
    if (texts_.empty())
      request.fail(unknown_name("option", option, {options.begin(), options.end()}) + without_result(request.study),
                   "over");
    require_several(request);
  }

  std::optional<double> place(const CellResult& cell) const {
    const auto value = cell.config.find(option_);
    if (value == cell.config.end()) return std::nullopt;
    if (numeric_) return option_number(cell, option_);
    const auto found = std::find(texts_.begin(), texts_.end(), to_string(value->second));
    return static_cast<double>(found - texts_.begin()) + 1;
  }

  std::vector<Tick> ticks() const {
    std::vector<Tick> ticks;
    for (std::size_t i = 0; !numeric_ && i < texts_.size(); ++i)
      ticks.push_back({static_cast<double>(i + 1), short_value(texts_[i])});
    return ticks;
  }

  const std::string& option() const { return option_; }
  /// "sym_bn_vae.τ".
  std::string title(const Names& names) const {
    return display_option(option_, names, option_.starts_with("regularizer."));
  }
  /// Whether every value is an integer.
  bool whole() const { return whole_; }

 private:
  /// One place would be one stack of points.
  void require_several(const Request& request) const {
    std::set<Value> values;
    VaryingOptions finished;
    for (const auto& group : request.groups) {
      for (const CellResult* cell : group.cells) {
        finished.add(cell->config);
        if (const auto value = cell->config.find(option_); value != cell->config.end()) values.insert(value->second);
      }
    }
    if (values.size() != 1) return;  // without any the panel says so
    const auto varying = finished.names();
    request.fail(fmt::format("'{}' is {} in every cell drawn; options that vary: {}", option_,
                             one_line(to_string(*values.begin())),
                             varying.empty() ? "none" : fmt::format("{}", fmt::join(varying, ", "))),
                 "over");
  }

  std::string option_;
  bool numeric_ = true;
  bool whole_ = true;
  std::vector<std::string> texts_;
};

/// Cells of one line by their place on the x axis.
using Places = std::map<double, std::vector<const CellResult*>>;

Places places_of(const Group& group, const OptionAxis& axis) {
  Places places;
  for (const CellResult* cell : group.cells) {
    if (const auto x = axis.place(*cell)) places[*x].push_back(cell);
  }
  return places;
}

class SweepPanel {
 public:
  SweepPanel(Figure& figure, const Request& request, const OptionAxis& axis, const std::vector<Group>& groups,
             const std::string& metric)
      : figure_(figure), request_(request), axis_(axis), groups_(groups), metric_(metric) {}

  Panel make() {
    panel_.log_x = request_.spec.log_x && axis_.ticks().empty();
    panel_.log_y = request_.spec.log_y;
    panel_.x_label = display_option(axis_.option(), request_.spec.names);
    panel_.y_label = request_.axis_label(metric_);
    panel_.x_ticks = axis_.ticks();
    panel_.whole_x = axis_.whole();
    for (const auto& tick : panel_.x_ticks) {
      const double room = figure_.panel_width / static_cast<double>(panel_.x_ticks.size());
      panel_.diagonal_x_ticks = panel_.diagonal_x_ticks || text_width(tick.text, 8) + 0.1 > room;
    }
    collect_x();
    for (const auto& group : groups_) {
      const Places places = places_of(group, axis_);
      if (places.empty()) {
        add_reference(group);
      } else {
        add_line(group, places);
      }
    }
    panel_.y = request_.limits_y(range_of(y_values_, panel_.log_y));
    for (const auto& note :
         {split_note(split_labels_), log_note(measured_, panel_.log_y, metric_), below_.text(request_.spec.split)}) {
      if (!note.empty()) figure_.notes.push_back(note);
    }
    return panel_;
  }

 private:
  void collect_x() {
    std::vector<double> x_values;
    for (const auto& group : groups_) {
      for (const auto& [x, cells] : places_of(group, axis_)) x_values.push_back(x);
    }
    if (x_values.empty()) request_.fail(fmt::format("no cell drawn has the option '{}'", axis_.option()), "over");
    if (panel_.log_x && *std::min_element(x_values.begin(), x_values.end()) <= 0) {
      request_.fail(fmt::format("log_x needs values > 0, '{}' has {}", axis_.option(),
                                number(*std::min_element(x_values.begin(), x_values.end()))),
                    "log_x");
    }
    const auto texts = static_cast<double>(panel_.x_ticks.size());
    panel_.x = texts > 0 ? Range{0.5, texts + 0.5} : request_.limits_x(range_of(x_values, panel_.log_x));
    lines_end_ = panel_.x.high;
    const auto references = static_cast<double>(std::count_if(
        groups_.begin(), groups_.end(), [&](const Group& group) { return places_of(group, axis_).empty(); }));
    panel_.x.high = beyond(0.02 * references);
  }

  void add_line(const Group& group, const Places& places) {
    Rows means;
    Rows seeds;
    Rows floors;
    for (const auto& [x, cells] : places) {
      std::vector<double> values;
      for (const CellResult* cell : cells) {
        if (const auto value = final_scalar(*cell, request_.spec.split, metric_)) {
          values.push_back(*value);
          seeds.push_back({x, *value, static_cast<double>(cell_seed(*cell))});
          y_values_.push_back(*value);
          measured_.push_back(*value);
        }
      }
      if (!values.empty()) add_mean(means, group, x, values);
      const auto floor = nominal_floor(cells);
      if (request_.spec.floor && has_floor(metric_) && floor) {
        floors.push_back({x, *floor});
        y_values_.push_back(*floor);
        for (const double value : values) below_.see(group.label, value, floor, measured_floor(cells));
      }
    }
    if (means.empty()) return;
    const auto mean =
        figure_.add(fmt::format("{} of {}: {}, mean, low, high, seeds", metric_, group.label, axis_.option()), means);
    const auto seed =
        figure_.add(fmt::format("{} of {} by seed: {}, value, seed", metric_, group.label, axis_.option()), seeds);
    panel_.plots.push_back(fmt::format(
        "{} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}'", mean, group.style.colour));
    panel_.plots.push_back(fmt::format("{} using 1:2 with points pt 6 ps 0.4 lw 0.7 lc rgb '{}'", seed,
                                       lighten(group.style.colour, 0.35)));
    const auto drawn = line_with_markers(mean + " using 1:2", group.style, 0.7);
    panel_.plots.insert(panel_.plots.end(), drawn.begin(), drawn.end());
    if (floors.empty()) return;
    const auto floor = figure_.add(fmt::format("analytic floor of {}: {}, floor", group.label, axis_.option()), floors);
    panel_.plots.push_back(fmt::format("{} using 1:2 with lines {}", floor, floor_line(group.style.colour)));
  }

  /// Below 5 seeds, and where they are split, the band has no width and the seeds' points show the spread.
  void add_mean(Rows& rows, const Group& group, double x, const std::vector<double>& values) {
    const Spread spread = spread_of(values, metric_);
    if (spread.is_split) split_labels_.insert(group.label);
    rows.push_back({x, spread.summary.mean, spread.low, spread.high, static_cast<double>(values.size())});
    y_values_.insert(y_values_.end(), {spread.low, spread.high});
  }

  /// A place right of the lines, by a share of their width.
  double beyond(double share) const {
    const double low = panel_.x.low;
    return panel_.log_x ? lines_end_ * std::pow(lines_end_ / low, share) : lines_end_ + share * (lines_end_ - low);
  }

  /// A horizontal line; beyond the lines' end its 95% interval, below 5 seeds its range, beside those of the others.
  void add_reference(const Group& group) {
    const auto values = values_of(final_by_seed(group, request_.spec.split, metric_));
    if (values.empty()) return;
    Rows rows;
    add_mean(rows, group, panel_.x.low, values);
    rows.push_back(rows[0]);
    rows[1][0] = panel_.x.high;
    y_values_.insert(y_values_.end(), values.begin(), values.end());
    measured_.insert(measured_.end(), values.begin(), values.end());
    const auto line = figure_.add(
        fmt::format("{} of {}, without {}: x, mean, low, high, seeds", metric_, group.label, axis_.option()), rows);
    panel_.plots.push_back(fmt::format("{} using 1:2 with lines {}", line, group.style.line(1)));
    const bool interval = spread_of(values, metric_).has_interval();
    const double low = interval ? rows[0][2] : *std::min_element(values.begin(), values.end());
    const double high = interval ? rows[0][3] : *std::max_element(values.begin(), values.end());
    const auto spread = figure_.add(fmt::format("spread of {}: x, low, 0, high - low", group.label),
                                    {{beyond(0.02 * ++references_ - 0.01), low, 0, high - low}});
    panel_.plots.push_back(
        fmt::format("{} using 1:2:3:4 with vectors nohead lw 2 lc rgb '{}'", spread, group.style.colour));
  }

  Figure& figure_;
  const Request& request_;
  const OptionAxis& axis_;
  const std::vector<Group>& groups_;
  const std::string& metric_;
  Panel panel_;
  double lines_end_ = 1;  ///< right end of the swept values, with some room
  int references_ = 0;
  std::vector<double> y_values_;
  std::vector<double> measured_;  ///< those of cells
  std::set<std::string> split_labels_;
  FloorNote below_;
};

/// Numbers of seeds behind the points that are drawn: of each place on the x axis, of a line without any of all.
SeedCounts counts_of(const std::vector<Group>& groups, const OptionAxis& axis) {
  SeedCounts counts;
  for (const auto& group : groups) {
    const Places places = places_of(group, axis);
    for (const auto& [x, cells] : places) counts.insert(cells.size());
    if (places.empty() && !group.cells.empty()) counts.insert(group.cells.size());
  }
  return counts;
}

/// Final metrics by the option `over`; cells without that option are horizontal lines, the analytic floor is dashed.
Figure make_sweep(const Request& request) {
  const OptionAxis axis(request, request.spec.over);
  const auto metrics = request.final_metrics({"kl"});
  Figure figure = request.figure(fmt::format("Results by {}, {}", axis.title(request.spec.names), request.spec.split));
  figure.columns = static_cast<int>(metrics.size() == 4 ? 2 : std::min<std::size_t>(metrics.size(), 3));
  if (metrics.size() > 1) figure.panel_width = metrics.size() > 2 ? 1.9 : 2.5;
  const auto groups = request.groups_without(request.spec.over);
  for (const auto& metric : metrics) figure.panels.push_back(SweepPanel(figure, request, axis, groups, metric).make());
  bool floors = false;
  for (const auto& group : groups) {
    const bool drawn = std::any_of(metrics.begin(), metrics.end(), [&](const std::string& metric) {
      return !final_by_seed(group, request.spec.split, metric).empty();
    });
    if (!drawn) continue;
    const bool line = !places_of(group, axis).empty();
    figure.explain({group.label, group.style.line(line ? 1.6 : 1), line ? group.style.marker(0.7) : ""});
    floors = floors || (line && nominal_floor(group.cells).has_value());
  }
  if (floors && request.spec.floor && std::any_of(metrics.begin(), metrics.end(), has_floor)) {
    figure.explain(floor_legend());
  }
  figure.notes.insert(figure.notes.begin(), axis.option() == "seed" ? "one run at each seed"
                                                                    : spread_note(counts_of(groups, axis), "a circle"));
  return figure;
}

KLBENCH_FIGURE(make_sweep, {.spec = {.key = "sweep", .summary = "final metrics by the values of one option"},
                            .wants = {"metric", "over"},
                            .takes = {"split", "floor", "log_x", "log_y", "x_limits", "y_limits"}});

}  // namespace

}  // namespace klbench
