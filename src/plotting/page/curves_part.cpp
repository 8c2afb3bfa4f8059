#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "plotting/page/encode.h"
#include "plotting/page/parts.h"
#include "storage/epoch_columns.h"

namespace klbench::page {

namespace {

constexpr std::size_t kCurveNumbers = 250000;      // of four characters each
constexpr std::size_t kDimensionNumbers = 120000;  // of every metric by epoch, likewise
constexpr std::size_t kFewestEpochs = 8;

std::vector<std::int64_t> all_epochs(const StudyResult& study) {
  std::set<std::int64_t> epochs;
  for (const auto& cell : study.cells) {
    for (const auto& record : cell.epochs) epochs.insert(record.epoch);
  }
  return {epochs.begin(), epochs.end()};
}

/// At most `count` of them, evenly, the last one among them.
std::vector<std::int64_t> thinned(const std::vector<std::int64_t>& epochs, std::size_t count) {
  count = std::max<std::size_t>(1, count);
  if (epochs.size() <= count) return epochs;
  std::vector<std::int64_t> kept;
  for (std::size_t k = 1; k <= count; ++k) kept.push_back(epochs[k * epochs.size() / count - 1]);
  return kept;
}

struct Series {
  std::string split, metric;
};

/// Metrics by epoch, those that most readers want first.
std::vector<Series> all_series(const StudyResult& study) {
  std::map<std::string, std::set<std::string>> found;
  for (const auto& cell : study.cells) {
    for (auto& [split, names] : metric_names(cell.epochs)) found[split].merge(names);
  }
  std::vector<Series> first, rest;
  for (const char* name : {"kl", "elbo", "rec", "mi", "au", "loss"}) {
    for (const char* split : {"valid", "train"}) {
      if (found[split].erase(name) > 0) first.push_back({split, name});
    }
  }
  for (const auto& [split, names] : found) {
    for (const auto& name : names) rest.push_back({split, name});
  }
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

double value_at(const EpochRecord* record, const Series& series) {
  const double* value = record ? epoch_metric(*record, series.split, series.metric) : nullptr;
  return value ? *value : std::numeric_limits<double>::quiet_NaN();
}

/// Of every cell the record of each of `epochs`, or null.
std::vector<std::vector<const EpochRecord*>> records_at(const StudyResult& study,
                                                        const std::vector<std::int64_t>& epochs) {
  std::vector<std::vector<const EpochRecord*>> records;
  for (const auto& cell : study.cells) {
    std::map<std::int64_t, const EpochRecord*> by_epoch;
    for (const auto& record : cell.epochs) by_epoch[record.epoch] = &record;
    records.emplace_back();
    for (const std::int64_t epoch : epochs) {
      const auto found = by_epoch.find(epoch);
      records.back().push_back(found == by_epoch.end() ? nullptr : found->second);
    }
  }
  return records;
}

/// Metrics of several dimensions, one value each; without histograms, points and pictures.
std::vector<std::string> dimension_metrics(const StudyResult& study) {
  std::set<std::string> names;
  for (const auto& cell : study.cells) {
    const FinalMetric* kl = final_metric(cell, "test", "kl_dim");
    if (!kl) continue;
    for (const auto& [name, metric] : cell.final.at("test")) {
      if (metric.values.size() == kl->values.size() && metric_info(name).units.find("dimension") != std::string::npos)
        names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

void append(std::vector<double>& numbers, const std::vector<double>* values, std::size_t dims) {
  for (std::size_t j = 0; j < dims; ++j) {
    numbers.push_back(values && j < values->size() ? (*values)[j] : std::numeric_limits<double>::quiet_NaN());
  }
}

const std::vector<double>* diagnostic(const EpochRecord& record, const std::string& name) {
  const auto found = record.diagnostics.find(name);
  return found == record.diagnostics.end() ? nullptr : &found->second;
}

bool any_by_epoch(const StudyResult& study, const std::string& name) {
  return std::any_of(study.cells.begin(), study.cells.end(), [&](const CellResult& cell) {
    return std::any_of(cell.epochs.begin(), cell.epochs.end(),
                       [&](const EpochRecord& record) { return diagnostic(record, name) != nullptr; });
  });
}

std::size_t dimensions_of(const StudyResult& study, const std::string& metric) {
  std::size_t dims = 0;
  for (const auto& cell : study.cells) {
    if (const FinalMetric* found = final_metric(cell, "test", metric)) dims = std::max(dims, found->values.size());
  }
  return dims;
}

}  // namespace

Json curves(Sources& sources) {
  const StudyResult& study = sources.study;
  const auto every = all_epochs(study);
  auto series = all_series(study);
  const std::size_t cells = std::max<std::size_t>(1, study.cells.size());
  const std::size_t room = kCurveNumbers / cells;  // numbers a cell
  const std::size_t count = std::max(kFewestEpochs, room / std::max<std::size_t>(1, series.size()));
  const auto epochs = thinned(every, count);
  if (epochs.size() < every.size()) {
    sources.limits.push_back(fmt::format("Curves show {} of {} epochs.", epochs.size(), every.size()));
  }
  if (!epochs.empty() && series.size() * epochs.size() > room) {
    const std::size_t fit = std::max<std::size_t>(2, room / epochs.size());
    if (fit < series.size()) {
      sources.limits.push_back(fmt::format("{} of {} metrics by epoch are here.", fit, series.size()));
      series.resize(fit);
    }
  }
  const auto records = records_at(study, epochs);
  Json all = Json::object();
  for (const auto& one : series) {
    std::vector<double> numbers;
    for (const auto& by_epoch : records) {
      for (const EpochRecord* record : by_epoch) numbers.push_back(value_at(record, one));
    }
    all[one.split][one.metric] = packed(numbers);
  }
  return {{"epochs", epochs}, {"splits", std::move(all)}};
}

Json dimensions(Sources& sources) {
  const StudyResult& study = sources.study;
  const auto every = all_epochs(study);
  Json all = Json::object();
  for (const auto& name : dimension_metrics(study)) {
    const std::size_t dims = dimensions_of(study, name), moment = study.cells.size() * dims;
    std::vector<double> last;
    for (const auto& cell : study.cells) {
      const FinalMetric* found = final_metric(cell, "test", name);
      append(last, found ? &found->values : nullptr, dims);
    }
    all[name] = {{"dimensions", dims}, {"split", "test"}, {"last", packed(last)}};
    if (!any_by_epoch(study, "valid." + name)) continue;
    const auto epochs = thinned(every, kDimensionNumbers / std::max<std::size_t>(1, moment));
    if (epochs.size() < every.size()) {
      sources.limits.push_back(fmt::format("{} by epoch shows {} of {} epochs.", name, epochs.size(), every.size()));
    }
    std::vector<double> by_epoch;
    for (const auto& records : records_at(study, epochs)) {
      for (const EpochRecord* record : records) {
        append(by_epoch, record ? diagnostic(*record, "valid." + name) : nullptr, dims);
      }
    }
    all[name]["epochs"] = epochs;
    all[name]["by_epoch"] = packed(by_epoch);
  }
  return all;
}

}  // namespace klbench::page
