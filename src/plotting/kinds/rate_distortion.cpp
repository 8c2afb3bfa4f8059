#include <fmt/format.h>

#include <algorithm>

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

constexpr const char* kIsoline = "lc rgb '#BBBBBB' lw 0.7 dt (8,6)";

/// The part of kl + rec = c within the panel, from left to right: none where it passes by.
Rows isoline(const Panel& panel, double c) {
  const double left = std::max(panel.x.low, c - panel.y.high), right = std::min(panel.x.high, c - panel.y.low);
  return left < right ? Rows{{left, c - left}, {right, c - right}} : Rows();
}

/// Whether a line would be seen, by the share of an axis that it runs along.
bool is_long(const Panel& panel, const Rows& line) {
  constexpr double kLeast = 0.15;
  if (line.empty()) return false;
  return line[1][0] - line[0][0] >= kLeast * (panel.x.high - panel.x.low) ||
         line[0][1] - line[1][1] >= kLeast * (panel.y.high - panel.y.low);
}

/// Lines kl + rec = c, labelled at their lower end.
void add_isolines(Figure& figure, Panel& panel) {
  const Range sums{panel.x.low + panel.y.low, panel.x.high + panel.y.high};
  for (const double c : nice_ticks(sums, false, 8)) {
    const Rows line = isoline(panel, c);
    if (!is_long(panel, line)) continue;
    const auto data = figure.add(fmt::format("negative ELBO {}: kl, rec", number(c)), line);
    panel.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, kIsoline));
    const bool leaves_right = line[1][0] >= panel.x.high;
    const double y = leaves_right ? line[1][1] : panel.y.low + 0.035 * (panel.y.high - panel.y.low);
    const double room = 0.015 * (panel.x.high - panel.x.low);
    panel.texts.push_back({c - y + room, y, fmt::format("{:.6g}", c), 'l'});
  }
}

/// Mean loss of the rows without a KL: their negative ELBO.
std::map<const Group*, double> losses_without_kl(const Request& request) {
  std::map<const Group*, double> losses;
  for (const auto& group : request.groups) {
    const auto losses_by_seed = final_by_seed(group, request.spec.split, "rec");
    if (losses_by_seed.empty() || !points_of(group, request.spec.split).empty()) continue;
    losses[&group] = summarise(values_of(losses_by_seed)).mean;
  }
  return losses;
}

/// A model without a latent variable: all that costs as much as it does.
void add_line(Figure& figure, Panel& panel, const Group& group, double loss) {
  const auto data =
      figure.add(fmt::format("{}: negative ELBO {}: kl, rec", group.label, number(loss)), isoline(panel, loss));
  panel.plots.push_back(fmt::format("{} using 1:2 with lines {}", data, group.style.line(1.6)));
  figure.explain({group.label, group.style.line(1.6), ""});
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
  figure.explain({group.label, "", group.style.marker(1.0)});
}

/// KL (x) by reconstruction loss (y), with isolines of the negative ELBO; models without a KL are such lines.
Figure make_rate_distortion(const Request& request) {
  request.require_final("kl");
  request.require_final("rec");
  Figure figure = request.figure(fmt::format("Rate and distortion, {}", request.spec.split));
  Panel panel;
  panel.x_label = request.axis_label("kl");
  panel.y_label = request.axis_label("rec");
  std::vector<double> kl;
  std::vector<double> rec;
  for (const auto& group : request.groups) {
    for (const Point& point : points_of(group, request.spec.split)) {
      kl.push_back(point.kl);
      rec.push_back(point.rec);
    }
  }
  if (kl.empty()) request.fail("no cell has both kl and rec");
  const auto losses = losses_without_kl(request);
  for (const auto& [group, loss] : losses) rec.push_back(loss - *std::min_element(kl.begin(), kl.end()));
  panel.x = request.limits_x(range_of(kl, false));
  panel.y = request.limits_y(range_of(rec, false));
  panel.right = 0.45;
  figure.panel_height = 2.6;
  add_isolines(figure, panel);
  panel.helping = panel.plots.size();
  for (const auto& [group, loss] : losses) add_line(figure, panel, *group, loss);
  for (const auto& group : request.groups) {
    const auto points = points_of(group, request.spec.split);
    if (!points.empty()) add_group(figure, panel, group, points);
  }
  figure.panels.push_back(std::move(panel));
  if (figure.panels[0].helping > 0) figure.explain({"negative ELBO", kIsoline, ""});
  figure.notes.insert(figure.notes.begin(), seeds_note(seed_counts(request.groups), "a small circle"));
  return figure;
}

KLBENCH_FIGURE(make_rate_distortion,
               {.spec = {.key = "rate_distortion", .summary = "KL by reconstruction loss, with lines of equal ELBO"},
                .takes = {"split", "x_limits", "y_limits"}});

}  // namespace

}  // namespace klbench
