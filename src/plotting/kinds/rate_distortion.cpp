#include <fmt/format.h>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

struct Point {
  double kl;
  double rec;
};

std::vector<Point> points_of(const Group& group, const std::string& split) {
  std::vector<Point> points;
  for (const CellResult* cell : group.cells) {
    const auto kl = final_scalar(*cell, split, "kl");
    const auto rec = final_scalar(*cell, split, "rec");
    if (kl && rec) points.push_back({*kl, *rec});
  }
  return points;
}

/// Lines kl + rec = c, labelled at their lower end.
void add_isolines(Figure& figure, Panel& panel) {
  const Range sums{panel.x.low + panel.y.low, panel.x.high + panel.y.high};
  for (const double c : nice_ticks(sums, false, 8)) {
    const double x_low = std::max(panel.x.low, c - panel.y.high);
    const double x_high = std::min(panel.x.high, c - panel.y.low);
    if (x_high - x_low < 0.15 * (panel.x.high - panel.x.low)) continue;
    const auto data =
        figure.add(fmt::format("negative ELBO {}: kl, rec", number(c)), {{x_low, c - x_low}, {x_high, c - x_high}});
    panel.plots.push_back(fmt::format("{} using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6)", data));
    const bool leaves_right = x_high >= panel.x.high;
    const double y = leaves_right ? c - x_high : panel.y.low + 0.035 * (panel.y.high - panel.y.low);
    const double room = 0.015 * (panel.x.high - panel.x.low);
    panel.texts.push_back({c - y + room, y, fmt::format("{:.6g}", c), 'l'});
  }
}

void add_group(Figure& figure, Panel& panel, const Group& group, const std::vector<Point>& points) {
  Rows rows;
  std::vector<double> kl;
  std::vector<double> rec;
  for (const Point& point : points) {
    rows.push_back({point.kl, point.rec});
    kl.push_back(point.kl);
    rec.push_back(point.rec);
  }
  const auto seeds = figure.add(fmt::format("{} by seed: kl, rec", group.label), rows);
  const auto mean =
      figure.add(fmt::format("{}: mean kl, mean rec", group.label), {{summarise(kl).mean, summarise(rec).mean}});
  if (points.size() > 1) {
    panel.plots.push_back(fmt::format("{} using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '{}'", seeds,
                                      lighten(group.style.colour, 0.3)));
  }
  panel.plots.push_back(fmt::format("{} using 1:2 with points {}", mean, group.style.marker(1.1)));
  figure.legend.push_back({group.label, "", group.style.marker(1.0)});
}

/// KL (x) by reconstruction loss (y), with isolines of the negative ELBO.
Figure make_rate_distortion(const Request& request) {
  request.require_final("kl");
  request.require_final("rec");
  Figure figure = request.figure(fmt::format("Rate and distortion, {}", request.spec.split));
  Panel panel;
  panel.x_label = axis_label("kl");
  panel.y_label = axis_label("rec");
  std::vector<double> kl;
  std::vector<double> rec;
  for (const auto& group : request.groups) {
    for (const Point& point : points_of(group, request.spec.split)) {
      kl.push_back(point.kl);
      rec.push_back(point.rec);
    }
  }
  if (kl.empty()) request.fail("no cell has both kl and rec");
  panel.x = range_of(kl, false);
  panel.y = range_of(rec, false);
  panel.right = 0.45;
  figure.panel_height = 2.6;
  add_isolines(figure, panel);
  for (const auto& group : request.groups) {
    const auto points = points_of(group, request.spec.split);
    if (!points.empty()) add_group(figure, panel, group, points);
  }
  figure.panels.push_back(std::move(panel));
  figure.legend.push_back({"negative ELBO (nats per example)", "lc rgb '#BBBBBB' lw 0.7 dt (8,6)", ""});
  figure.notes.insert(figure.notes.begin(), seeds_note(request.groups, "a small circle"));
  return figure;
}

KLBENCH_FIGURE(make_rate_distortion,
               {.spec = {.key = "rate_distortion", .summary = "KL by reconstruction loss, with lines of equal ELBO"},
                .takes = {"split"}});

}  // namespace

}  // namespace klbench
