#include "storage/study_grid.h"

#include <algorithm>

#include "storage/cell_group.h"

namespace klbench {

std::vector<std::int64_t> epoch_numbers(const StudyResult& study) {
  std::set<std::int64_t> numbers;
  for (const auto& cell : study.cells) {
    for (const auto& epoch : cell.epochs) numbers.insert(epoch.epoch);
  }
  return {numbers.begin(), numbers.end()};
}

std::map<std::string, std::set<std::string>> epoch_metrics(const StudyResult& study) {
  std::map<std::string, std::set<std::string>> names;
  for (const auto& cell : study.cells) add_metric_names(cell.epochs, names);
  return names;
}

std::vector<double> dense_metric(const StudyResult& study, const std::vector<std::int64_t>& epochs,
                                 const std::string& split, const std::string& metric) {
  std::vector<double> values(study.cells.size() * epochs.size(), absent());
  for (std::size_t row = 0; row < study.cells.size(); ++row) {
    for (const auto& epoch : study.cells[row].epochs) {
      const auto column = std::lower_bound(epochs.begin(), epochs.end(), epoch.epoch) - epochs.begin();
      values[row * epochs.size() + static_cast<std::size_t>(column)] = metric_or_absent(epoch, split, metric);
    }
  }
  return values;
}

}  // namespace klbench
