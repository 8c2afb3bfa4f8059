#include "storage/epoch_columns.h"

#include <algorithm>

#include "storage/value_column.h"

namespace klbench {

const double* epoch_metric(const EpochRecord& epoch, const std::string& split, const std::string& metric) {
  const auto metrics = epoch.metrics.find(split);
  if (metrics == epoch.metrics.end()) return nullptr;
  const auto found = metrics->second.find(metric);
  return found == metrics->second.end() ? nullptr : &found->second;
}

std::map<std::string, std::set<std::string>> metric_names(const std::vector<EpochRecord>& epochs) {
  std::map<std::string, std::set<std::string>> names;
  for (const auto& epoch : epochs) {
    for (const auto& [split, metrics] : epoch.metrics) {
      auto& of_split = names[split];
      for (const auto& metric : metrics) of_split.insert(metric.first);
    }
  }
  return names;
}

std::vector<double> metric_by_epoch(const std::vector<EpochRecord>& epochs, const std::string& split,
                                    const std::string& metric) {
  std::vector<double> values(epochs.size(), absent());
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (const double* value = epoch_metric(epochs[i], split, metric)) values[i] = *value;
  }
  return values;
}

void set_metric(std::span<EpochRecord> epochs, const std::string& split, const std::string& metric,
                std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_absent(values[i])) epochs[i].metrics[split].emplace(metric, values[i]);
  }
}

std::map<std::string, std::size_t> diagnostic_widths(const std::vector<EpochRecord>& epochs) {
  std::map<std::string, std::size_t> widths;
  for (const auto& epoch : epochs) {
    for (const auto& [name, values] : epoch.diagnostics) widths[name] = std::max(widths[name], values.size());
  }
  return widths;
}

std::vector<double> diagnostic_by_epoch(const std::vector<EpochRecord>& epochs, const std::string& name,
                                        std::size_t width) {
  std::vector<double> all(epochs.size() * width, absent());
  for (std::size_t row = 0; row < epochs.size(); ++row) {
    const auto found = epochs[row].diagnostics.find(name);
    if (found == epochs[row].diagnostics.end()) continue;
    std::copy(found->second.begin(), found->second.end(), all.begin() + static_cast<std::ptrdiff_t>(row * width));
  }
  return all;
}

void set_diagnostic(std::span<EpochRecord> epochs, const std::string& name, std::span<const double> values) {
  const std::size_t width = epochs.empty() ? 0 : values.size() / epochs.size();
  for (std::size_t row = 0; row < epochs.size(); ++row) {
    const auto found = values.subspan(row * width, width);
    std::vector<double> own(found.begin(), found.end());
    while (!own.empty() && is_absent(own.back())) own.pop_back();
    if (!own.empty()) epochs[row].diagnostics.emplace(name, std::move(own));
  }
}

}  // namespace klbench
