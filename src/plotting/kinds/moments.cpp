#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

/// E[mu_j^2] + E[sigma_j^2] of every dimension; empty where a part is missing.
std::vector<double> second_moments(const CellResult& cell, const std::string& split) {
  const FinalMetric* mean = final_metric(cell, split, "mu_mean");
  const FinalMetric* variance = final_metric(cell, split, "mu_var");
  const FinalMetric* sigma2 = final_metric(cell, split, "sigma2_mean");
  if (!mean || !variance || !sigma2) return {};
  const std::size_t dims = std::min({mean->values.size(), variance->values.size(), sigma2->values.size()});
  std::vector<double> moments;
  for (std::size_t j = 0; j < dims; ++j) {
    moments.push_back(mean->values[j] * mean->values[j] + variance->values[j] + sigma2->values[j]);
  }
  return moments;
}

/// That of the prior: 1 of the standard normal one, 1/d of the uniform one on the sphere; nothing of trained ones.
std::optional<double> prior_moment(const Group& group, std::size_t dims) {
  const std::string prior = prior_of(group);
  if (prior == "sphere") return 1 / static_cast<double>(dims);
  return prior == "standard" ? std::optional(1.0) : std::nullopt;
}

/// E[mu_j^2] + E[sigma_j^2] = mu_mean_j^2 + mu_var_j + sigma2_mean_j of every dimension, beside the prior's.
Figure make_moments(const Request& request) {
  Figure figure = request.figure(fmt::format("Second moment of the aggregated posterior, {}", request.spec.split));
  Panel panel;
  panel.x_label = "E[μ²] + E[σ²] of each dimension";
  panel.log_x = request.spec.log_x || request.spec.log_y;
  std::vector<double> all;
  std::map<const Group*, double> priors;
  std::vector<std::pair<const Group*, Rows>> strips;
  for (const auto& group : request.groups) {
    Rows rows;
    for (std::size_t c = 0; c < group.cells.size(); ++c) {
      const auto moments = second_moments(*group.cells[c], request.spec.split);
      // Seeds lie in rows of their own within the strip.
      const double share =
          group.cells.size() < 2 ? 0 : static_cast<double>(c) / static_cast<double>(group.cells.size() - 1) - 0.5;
      for (const double moment : moments)
        rows.push_back({moment, -0.36 * share, static_cast<double>(cell_seed(*group.cells[c]))});
      all.insert(all.end(), moments.begin(), moments.end());
      if (const auto prior = prior_moment(group, moments.size()); prior && !moments.empty()) {
        priors[&group] = *prior;
        all.push_back(*prior);
      }
    }
    if (!rows.empty()) strips.emplace_back(&group, std::move(rows));
  }
  if (strips.empty()) {
    request.fail(
        fmt::format("no cell has mu_mean, mu_var and sigma2_mean on {}; they are recorded for models with a "
                    "latent variable on the evaluated splits",
                    request.spec.split));
  }
  Rows lines;  // strips below each other with the same prior have one line
  for (std::size_t i = strips.size(); i-- > 0;) {
    const auto prior = priors.find(strips[i].first);
    if (prior == priors.end()) continue;
    const double low = static_cast<double>(strips.size() - i) - 0.5;
    if (!lines.empty() && lines.back()[0] == prior->second && lines.back()[1] + lines.back()[3] == low) {
      lines.back()[3] += 1;
    } else {
      lines.push_back({prior->second, low, 0, 1});
    }
  }
  if (!lines.empty()) {
    panel.plots.push_back(fmt::format("{} using 1:2:3:4 with vectors nohead lw 1.2 dt (10,6) lc rgb '#000000'",
                                      figure.add("prior: moment, lower end, 0, height", lines)));
  }
  for (std::size_t i = 0; i < strips.size(); ++i) {
    const double y = static_cast<double>(strips.size() - i);
    auto& [group, rows] = strips[i];
    for (auto& row : rows) row[1] += y;
    panel.y_ticks.push_back({y, group->label});
    const auto data = figure.add(fmt::format("{}: moment, place, seed", group->label), rows);
    panel.plots.push_back(
        fmt::format("{} using 1:2 with points pt 6 ps 0.45 lw 0.8 lc rgb '{}'", data, group->style.colour));
  }
  panel.x = request.limits_x(range_of(all, panel.log_x));
  panel.y = {0.4, static_cast<double>(strips.size()) + 0.6};
  panel.settings = {"set grid noytics"};
  figure.panel_height = std::clamp(0.24 * static_cast<double>(strips.size()), 0.7, 6.0);
  figure.panels.push_back(std::move(panel));
  figure.legend = {{"one dimension of one seed", "", "pt 6 ps 0.45 lw 0.8 lc rgb '#444444'"}};
  if (!lines.empty()) figure.legend.push_back({"prior", "lw 1.2 dt (10,6) lc rgb '#000000'", ""});
  return figure;
}

KLBENCH_FIGURE(make_moments,
               {.spec = {.key = "moments", .summary = "E[μ²] + E[σ²] of every dimension, beside the prior's"},
                .takes = {"split", "log_x", "log_y", "x_limits"}});

}  // namespace

}  // namespace klbench
