#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

bool has_floor_fact(const CellResult& cell) { return nominal_floor({&cell}).has_value(); }

/// Numeric options of remedies with a floor that take more than one value.
std::vector<std::string> swept_options(const StudyResult& study) {
  std::map<std::string, std::set<double>> values;
  for (const auto& cell : study.cells) {
    if (cell.status != CellStatus::done || !has_floor_fact(cell)) continue;
    for (const auto& [name, value] : cell.config) {
      if (name == "seed") continue;
      if (const auto number = option_number(cell, name)) values[name].insert(*number);
    }
  }
  std::vector<std::string> swept;
  for (const auto& [name, different] : values) {
    if (different.size() > 1) swept.push_back(name);
  }
  return swept;
}

struct Means {
  double x, kl, nominal;
  std::optional<double> measured;
  std::vector<double> kl_by_seed;
};

std::vector<Means> means_of(const Group& group, const std::string& option, const std::string& split) {
  std::map<double, std::vector<const CellResult*>> places;
  for (const CellResult* cell : group.cells) {
    const auto x = option_number(*cell, option);
    if (x && has_floor_fact(*cell) && final_scalar(*cell, split, "kl")) places[*x].push_back(cell);
  }
  std::vector<Means> means;
  for (const auto& [x, cells] : places) {
    std::vector<double> kl;
    for (const CellResult* cell : cells) kl.push_back(*final_scalar(*cell, split, "kl"));
    means.push_back({x, summarise(kl).mean, *nominal_floor(cells), measured_floor(cells), kl});
  }
  return means;
}

/// KL with its floors (first) and what it has above the nominal one (second).
class FloorPanels {
 public:
  /// `owned`: the option is named with its remedy, as there are others.
  FloorPanels(Figure& figure, const Request& request, const std::string& option, bool owned)
      : figure_(figure), request_(request), option_(option), owned_(owned) {}

  void add(const std::vector<Group>& groups) {
    for (const auto& group : groups) add_line(group, means_of(group, option_, request_.spec.split));
    for (Panel* panel : {&kl_, &excess_}) {
      panel->x_label = display_option(option_, request_.spec.names, owned_);
      panel->log_x = request_.spec.log_x;
      panel->x = request_.limits_x(range_of(x_values_, panel->log_x));
    }
    kl_.log_y = request_.spec.log_y;
    kl_.y_label = request_.axis_label("kl");
    kl_.y = range_of(kl_values_, kl_.log_y, !kl_.log_y);
    excess_.y_label = "KL above its nominal floor (nats per example)";
    excess_.y = range_of(excess_values_, false, true);
    figure_.panels.push_back(kl_);
    figure_.panels.push_back(excess_);
    if (const auto note = below_.text(request_.spec.split); !note.empty()) figure_.notes.push_back(note);
  }

 private:
  void add_line(const Group& group, const std::vector<Means>& means) {
    if (means.empty()) return;
    Rows rows;
    Rows seeds;
    Rows measured;
    for (const Means& at : means) {
      rows.push_back({at.x, at.kl, at.nominal, at.kl - at.nominal});
      if (at.measured) measured.push_back({at.x, *at.measured});
      x_values_.push_back(at.x);
      kl_values_.insert(kl_values_.end(), {at.kl, at.nominal});
      for (const double kl : at.kl_by_seed) {
        seeds.push_back({at.x, kl, kl - at.nominal});
        below_.see(group.label, kl, at.nominal, at.measured);
        kl_values_.push_back(kl);
        excess_values_.push_back(kl - at.nominal);
      }
    }
    const auto data =
        figure_.add(fmt::format("{}: {}, mean kl, nominal floor, difference", group.label, option_), rows);
    const auto by_seed = figure_.add(fmt::format("{} by seed: {}, kl, difference", group.label, option_), seeds);
    const std::string circles =
        fmt::format("with points pt 6 ps 0.4 lw 0.7 lc rgb '{}'", lighten(group.style.colour, 0.35));
    const auto add_line = [&](Panel& panel, const char* columns) {
      const auto drawn = line_with_markers(data + columns, group.style, 0.65);
      panel.plots.insert(panel.plots.end(), drawn.begin(), drawn.end());
    };
    kl_.plots.push_back(fmt::format("{} using 1:2 {}", by_seed, circles));
    add_line(kl_, " using 1:2");
    kl_.plots.push_back(fmt::format("{} using 1:3 with lines lw 1.2 dt (10,6) lc rgb '{}'", data, group.style.colour));
    excess_.plots.push_back(fmt::format("{} using 1:3 {}", by_seed, circles));
    add_line(excess_, " using 1:4");
    if (measured.empty()) return;
    for (const auto& row : measured) kl_values_.push_back(row[1]);
    const auto floor =
        figure_.add(fmt::format("{}: {}, floor measured over the training batches", group.label, option_), measured);
    kl_.plots.push_back(fmt::format("{} using 1:2 with lines lw 1.2 dt (2,4) lc rgb '{}'", floor, group.style.colour));
  }

  Figure& figure_;
  const Request& request_;
  const std::string& option_;
  bool owned_;
  Panel kl_;
  Panel excess_;
  std::vector<double> x_values_;
  std::vector<double> kl_values_;
  std::vector<double> excess_values_;
  FloorNote below_;
};

/// KL with its analytic floors, and what it has above the nominal one, by the swept options of the remedies with a
/// floor.
Figure make_floor(const Request& request) {
  request.require_final("kl");
  const auto has_none = [](const Group& group) {
    return std::none_of(group.cells.begin(), group.cells.end(), [](const auto* cell) { return has_floor_fact(*cell); });
  };
  if (std::all_of(request.groups.begin(), request.groups.end(), has_none)) {
    request.fail(
        "no cell drawn has an analytic floor; it is of remedies such as bn_vae, with Gaussian posteriors and the prior "
        "N(0, I)");
  }
  const auto swept = swept_options(request.study);
  std::vector<std::string> options = swept;
  if (!request.spec.over.empty()) options = {request.spec.over};
  const std::string valid = swept.empty() ? "none here" : fmt::format("{}", fmt::join(swept, ", "));
  if (options.empty())
    request.fail("no remedy with an analytic floor has a swept option; sweep e.g. regularizer.sym_bn_vae.tau");
  Figure figure = request.figure(fmt::format("KL above its analytic floor, {}", request.spec.split));
  figure.columns = 2;
  figure.panel_width = 2.4;
  for (const auto& option : options) {
    const auto groups = request.groups_without(option);
    const bool any = std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
      return !means_of(group, option, request.spec.split).empty();
    });
    if (!any)
      request.fail(
          fmt::format("no cell drawn with an analytic floor has the numeric option '{}'; valid: {}", option, valid),
          "over");
    FloorPanels(figure, request, option, options.size() > 1).add(groups);
    for (const auto& group : groups) {
      if (means_of(group, option, request.spec.split).empty()) continue;
      figure.explain({group.label, group.style.line(1.6), group.style.marker(0.65)});
    }
  }
  figure.legend.push_back({"nominal floor", "lw 1.2 dt (10,6) lc rgb '#444444'", ""});
  figure.legend.push_back({"floor of the training batches", "lw 1.2 dt (2,4) lc rgb '#444444'", ""});
  figure.notes.insert(figure.notes.begin(), seeds_note(seed_counts(request.groups), "a circle"));
  return figure;
}

KLBENCH_FIGURE(make_floor, {.spec = {.key = "floor", .summary = "KL with its analytic floors by the options swept"},
                            .takes = {"over", "split", "log_x", "log_y", "x_limits"}});

}  // namespace

}  // namespace klbench
