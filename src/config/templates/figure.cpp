#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kFigureTemplate = {"figure",
                                           &Components::figures,
                                           "config/figures.h",
                                           "src/plotting/kinds",
                                           "tests/plotting",
                                           R"(#include "@header@"

#include "plotting/figure.h"
#include "plotting/kinds/request.h"
@mark@
namespace klbench {

namespace {

/// What the figure shows. As written: every seed's value of the first metric (x) by that of the second (y).
Figure make_@key@(const Request& request) {
  const auto metrics = request.final_metrics({"kl", "mi"});
  if (metrics.size() < 2) request.fail("it wants two metrics", "metric");
  Figure figure = request.figure(request.title("@key@"));
  Panel panel;
  panel.x_label = request.axis_label(metrics[0]);
  panel.y_label = request.axis_label(metrics[1]);
  std::vector<double> all_x, all_y;
  for (const auto& group : request.groups) {
    const auto x = final_by_seed(group, request.spec.split, metrics[0]);
    const auto y = final_by_seed(group, request.spec.split, metrics[1]);
    Rows rows;
    for (const auto& [seed, value] : x) {
      if (!y.contains(seed)) continue;
      rows.push_back({value, y.at(seed)});
      all_x.push_back(value);
      all_y.push_back(y.at(seed));
    }
    if (rows.empty()) continue;
    const auto data = figure.add(group.label + ": " + metrics[0] + ", " + metrics[1], rows);
    panel.plots.push_back(data + " using 1:2 with points " + group.style.marker(1.0));
    figure.legend.push_back({group.label, "", group.style.marker(1.0)});
  }
  if (all_x.empty()) request.fail("no cell has both metrics on " + request.spec.split, "metric");
  panel.x = range_of(all_x, false);
  panel.y = range_of(all_y, false);
  figure.panels.push_back(std::move(panel));
  return figure;
}

KLBENCH_FIGURE(make_@key@, {.spec = {.key = "@key@", .summary = "one line for klbench list"},
                            .takes = {"metric", "split"}});

}  // namespace

}  // namespace klbench
)",
                                           R"(#include "catch.h"
#include "config/figures.h"
#include "plotting/plot.h"

using namespace klbench;

TEST_CASE("@key@ says what it lacks") {
  FigureSpec figure;
  figure.name = "f";
  figure.kind = "@key@";
  figure.metrics = {"kl"};
  CHECK_THROWS_AS(check_figure(StudyResult(), figure), UsageError);  // no finished cell
}
)",
                                           "figures: [{name: @key@, kind: @key@, metric: [kl, mi]}]"};

}  // namespace klbench
