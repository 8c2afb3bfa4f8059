#include <fmt/format.h>

#include <cmath>

#include "config/figures.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"

namespace klbench {

namespace {

constexpr const char* kName = "mean_space";  // recorded as itself or as <split>.mean_space
constexpr std::size_t kMoments = 4;

/// The record's pairs (model mean, approximate mean), or null.
const std::vector<double>* pairs_of(const EpochRecord& record) {
  for (const auto& [name, values] : record.diagnostics) {
    if (name == kName || name.ends_with(std::string(".") + kName)) return &values;
  }
  return nullptr;
}

/// Up to four of the records that carry the diagnostic, evenly spread, first and last included.
std::vector<const EpochRecord*> chosen_records(const Group& group) {
  std::vector<const EpochRecord*> all;
  for (const CellResult* cell : group.cells) {
    for (const auto& record : cell->epochs) {
      if (pairs_of(record)) all.push_back(&record);
    }
    if (!all.empty()) break;
  }
  if (all.size() <= kMoments) return all;
  std::vector<const EpochRecord*> chosen;
  for (std::size_t i = 0; i < kMoments; ++i) chosen.push_back(all[i * (all.size() - 1) / (kMoments - 1)]);
  return chosen;
}

Panel make_panel(Figure& figure, const Request& request, const Group& group, const EpochRecord& record) {
  const auto& values = *pairs_of(record);
  if (values.size() % 2 != 0) request.fail(fmt::format("{} has {} values; it needs pairs", kName, values.size()));
  Panel panel;
  panel.title = fmt::format("{}, epoch {}", group.label, record.epoch);
  panel.x_label = "model posterior mean";
  panel.y_label = "approximate posterior mean";
  Rows rows;
  for (std::size_t i = 0; i < values.size(); i += 2) rows.push_back({values[i], values[i + 1]});
  const auto data = figure.add(panel.title + ": model mean, approximate mean", rows);
  panel.plots = {"x with lines lw 0.9 dt (10,6) lc rgb '#888888'",
                 fmt::format("{} using 1:2 with points pt 7 ps 0.25 lc rgb '{}'", data, group.style.colour)};
  return panel;
}

/// Mean of the model's posterior (x) by that of the approximate one (y), at up to four moments of training
/// (He et al., ICLR 2019, Fig. 2).
Figure make_mean_space(const Request& request) {
  Figure figure = request.figure("Posterior mean space during training, one seed");
  std::size_t columns = 0;
  double reach = 0;
  for (const auto& group : request.groups) {
    const auto records = chosen_records(group);
    columns = std::max(columns, records.size());
    for (const EpochRecord* record : records) {
      figure.panels.push_back(make_panel(figure, request, group, *record));
      for (const double value : *pairs_of(*record)) {
        if (std::isfinite(value)) reach = std::max(reach, std::abs(value));
      }
    }
  }
  if (figure.panels.empty()) {
    request.fail(
        fmt::format("no cell logs the diagnostic '{}'; set eval.mean_space: true and "
                    "model.latent_dim: 1 and run the study",
                    kName));
  }
  for (auto& panel : figure.panels) panel.x = panel.y = {-1.06 * std::max(reach, 0.1), 1.06 * std::max(reach, 0.1)};
  figure.columns = static_cast<int>(columns);
  figure.panel_width = figure.panel_height = columns == 1 ? 2.5 : 1.45;
  figure.keeps_shape = true;
  figure.narrowest = 0.8;
  figure.legend = {{"model mean = approximate mean", "lw 0.9 dt (10,6) lc rgb '#888888'", ""}};
  return figure;
}

KLBENCH_FIGURE(make_mean_space,
               {.spec = {.key = "mean_space",
                         .summary = "model's posterior mean by the encoder's during training (eval.mean_space)"}});

}  // namespace

}  // namespace klbench
