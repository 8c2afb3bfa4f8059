#include "storage/cell_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::uint64_t kAbsentBits = 0x7ff80000000007a2;

const std::set<std::string> kOwnAttributes = {"method", "status"};

std::vector<double> metric_by_epoch(const std::vector<EpochRecord>& epochs, const std::string& split,
                                    const std::string& metric) {
  std::vector<double> values;
  for (const auto& epoch : epochs) values.push_back(metric_or_absent(epoch, split, metric));
  return values;
}

void write_epochs(hdf5::Group& cell, const std::vector<EpochRecord>& epochs) {
  hdf5::Group group = cell.create_group("epochs");
  std::vector<std::int64_t> numbers;
  std::vector<std::int64_t> steps;
  for (const auto& epoch : epochs) {
    numbers.push_back(epoch.epoch);
    steps.push_back(epoch.step);
  }
  hdf5::Dataset epoch = group.create("epoch", numbers);
  hdf5::Dataset step = group.create("step", steps);
  epoch.make_scale("epoch");
  step.make_scale("step");
  std::map<std::string, std::set<std::string>> names;
  add_metric_names(epochs, names);
  for (const auto& [split, metrics] : names) {
    hdf5::Group split_group = group.create_group(split);
    for (const auto& name : metrics) {
      hdf5::Dataset dataset = split_group.create(name, metric_by_epoch(epochs, split, name));
      describe_metric(dataset, name);
      dataset.attach(epoch, 0);
    }
  }
}

void write_final(hdf5::Group& cell, const std::map<std::string, FinalMetrics>& final) {
  hdf5::Group group = cell.create_group("final");
  for (const auto& [split, metrics] : final) {
    hdf5::Group split_group = group.create_group(split);
    for (const auto& [name, metric] : metrics) {
      hdf5::Dataset dataset = split_group.create(name, metric.values);
      for (const auto& [attribute, value] : metric.attributes) dataset.set(attribute, value);
      const MetricInfo info = metric_info(name);
      if (!metric.attributes.contains("units")) dataset.set("units", info.units);
      if (!metric.attributes.contains("long_name")) dataset.set("long_name", info.long_name);
      const auto registered = registered_metrics().find(name);  // the file says all of one that a plugin may bring
      if (registered != registered_metrics().end()) dataset.set("better", registered->second.better);
    }
  }
}

void write_examples(hdf5::Group& cell, const std::map<std::string, FinalMetrics>& final) {
  const auto keeps = [](const FinalMetrics& metrics) {
    return std::any_of(metrics.begin(), metrics.end(),
                       [](const auto& metric) { return !metric.second.examples.empty(); });
  };
  if (std::none_of(final.begin(), final.end(), [&](const auto& split) { return keeps(split.second); })) return;
  hdf5::Group group = cell.create_group("examples");
  for (const auto& [split, metrics] : final) {
    if (!keeps(metrics)) continue;
    hdf5::Group split_group = group.create_group(split);
    for (const auto& [name, metric] : metrics) {
      if (metric.examples.empty()) continue;
      hdf5::Dataset dataset = split_group.create(name, metric.examples);
      describe_metric(dataset, name);
      dataset.set("order", std::string("that of the data, from 0"));
    }
  }
}

void write_diagnostics(hdf5::Group& cell, const std::vector<EpochRecord>& epochs) {
  std::map<std::string, std::size_t> widths;
  for (const auto& epoch : epochs) {
    for (const auto& [name, values] : epoch.diagnostics) widths[name] = std::max(widths[name], values.size());
  }
  hdf5::Group group = cell.create_group("diagnostics");
  for (const auto& [name, width] : widths) {
    std::vector<double> all(epochs.size() * width, absent());
    for (std::size_t row = 0; row < epochs.size(); ++row) {
      const auto found = epochs[row].diagnostics.find(name);
      if (found == epochs[row].diagnostics.end()) continue;
      std::copy(found->second.begin(), found->second.end(), all.begin() + static_cast<std::ptrdiff_t>(row * width));
    }
    hdf5::Dataset dataset = group.create(name, all);
    dataset.set("rows", static_cast<std::int64_t>(epochs.size()));
    dataset.set("columns", static_cast<std::int64_t>(width));
  }
}

void same_length(const hdf5::Object& object, std::size_t found, std::size_t wanted) {
  if (found == wanted) return;
  throw UsageError(fmt::format("{}: {} values where {} are due", object.place(), found, wanted));
}

std::vector<EpochRecord> read_epochs(const hdf5::Group& cell) {
  const hdf5::Group group = cell.group("epochs");
  const std::vector<std::int64_t> numbers = group.dataset("epoch").integers();
  const hdf5::Dataset step = group.dataset("step");
  const std::vector<std::int64_t> steps = step.integers();
  same_length(step, steps.size(), numbers.size());
  std::vector<EpochRecord> epochs(numbers.size());
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    epochs[i].epoch = numbers[i];
    epochs[i].step = steps[i];
  }
  for (const auto& split : group.members()) {
    if (split == "epoch" || split == "step") continue;
    const hdf5::Group split_group = group.group(split);
    for (const auto& name : split_group.members()) {
      const hdf5::Dataset dataset = split_group.dataset(name);
      const std::vector<double> values = dataset.reals();
      same_length(dataset, values.size(), epochs.size());
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!is_absent(values[i])) epochs[i].metrics[split].emplace(name, values[i]);
      }
    }
  }
  return epochs;
}

void read_diagnostics(const hdf5::Group& cell, std::vector<EpochRecord>& epochs) {
  const hdf5::Group group = cell.group("diagnostics");
  for (const auto& name : group.members()) {
    const hdf5::Dataset dataset = group.dataset(name);
    const std::vector<double> all = dataset.reals();
    const std::size_t width = epochs.empty() ? 0 : all.size() / epochs.size();
    same_length(dataset, all.size(), width * epochs.size());
    for (std::size_t row = 0; row < epochs.size(); ++row) {
      std::vector<double> values(all.begin() + static_cast<std::ptrdiff_t>(row * width),
                                 all.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
      while (!values.empty() && is_absent(values.back())) values.pop_back();
      if (!values.empty()) epochs[row].diagnostics.emplace(name, std::move(values));
    }
  }
}

/// A metric of a plugin that this process has not loaded.
void know_by_attributes(const std::string& name, const std::map<std::string, Value>& attributes) {
  if (is_known_metric(name) || !attributes.contains("better")) return;
  ComponentSpec spec{.key = name};
  const auto read = [&](const char* attribute, std::string& to) {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) return;
    if (const auto* text = std::get_if<std::string>(&found->second)) to = *text;
  };
  read("long_name", spec.summary);
  read("units", spec.units);
  read("better", spec.better);
  know_metrics({{name, spec}});
}

std::map<std::string, FinalMetrics> read_final(const hdf5::Group& cell) {
  std::map<std::string, FinalMetrics> final;
  const hdf5::Group group = cell.group("final");
  for (const auto& split : group.members()) {
    const hdf5::Group split_group = group.group(split);
    auto& metrics = final[split];
    for (const auto& name : split_group.members()) {
      const hdf5::Dataset dataset = split_group.dataset(name);
      FinalMetric metric{dataset.reals(), dataset.attributes()};
      know_by_attributes(name, metric.attributes);
      const MetricInfo info = metric_info(name);
      const auto drop = [&](const char* attribute, const std::string& usual) {
        const auto found = metric.attributes.find(attribute);
        if (found != metric.attributes.end() && found->second == Value(usual)) metric.attributes.erase(found);
      };
      drop("units", info.units);
      drop("long_name", info.long_name);
      drop("better", !info.has_direction ? "" : info.higher_is_better ? "higher" : "lower");
      metrics.emplace(name, std::move(metric));
    }
  }
  return final;
}

void read_examples(const hdf5::Group& cell, std::map<std::string, FinalMetrics>& final) {
  if (!cell.has("examples")) return;
  const hdf5::Group group = cell.group("examples");
  for (const auto& split : group.members()) {
    const hdf5::Group split_group = group.group(split);
    for (const auto& name : split_group.members()) {
      const hdf5::Dataset dataset = split_group.dataset(name);
      const auto metrics = final.find(split);
      if (metrics == final.end() || !metrics->second.contains(name)) {
        throw UsageError(dataset.place() + ": values by example of a metric that is not there");
      }
      metrics->second[name].examples = dataset.singles();
    }
  }
}

}  // namespace

double absent() { return std::bit_cast<double>(kAbsentBits); }

bool is_absent(double value) { return std::bit_cast<std::uint64_t>(value) == kAbsentBits; }

double metric_or_absent(const EpochRecord& epoch, const std::string& split, const std::string& metric) {
  const auto metrics = epoch.metrics.find(split);
  if (metrics == epoch.metrics.end()) return absent();
  const auto found = metrics->second.find(metric);
  return found == metrics->second.end() ? absent() : found->second;
}

void add_metric_names(const std::vector<EpochRecord>& epochs, std::map<std::string, std::set<std::string>>& names) {
  for (const auto& epoch : epochs) {
    for (const auto& [split, metrics] : epoch.metrics) {
      auto& of_split = names[split];
      for (const auto& metric : metrics) of_split.insert(metric.first);
    }
  }
}

void describe_metric(hdf5::Dataset& dataset, const std::string& metric) {
  const MetricInfo info = metric_info(metric);
  dataset.set("units", info.units);
  dataset.set("long_name", info.long_name);
}

void write_cell_group(hdf5::Group& cells, const CellResult& cell) {
  hdf5::Group group = cells.create_group(cell.id);
  group.set("method", cell.method);
  group.set("status", cell.status);
  for (const auto& [name, value] : cell.facts) {
    if (kOwnAttributes.contains(name))
      throw Error(fmt::format("cell {}: a fact may not be called '{}'", cell.id, name));
    group.set(name, value);
  }
  hdf5::Group config = group.create_group("config");
  config.set("yaml", cell.config_yaml);
  for (const auto& [name, value] : cell.config) config.set(name, value);
  write_epochs(group, cell.epochs);
  write_final(group, cell.final);
  write_examples(group, cell.final);
  write_diagnostics(group, cell.epochs);
}

CellResult read_cell_group(const hdf5::Group& cells, const std::string& id) {
  const hdf5::Group group = cells.group(id);
  CellResult cell;
  cell.id = id;
  cell.method = group.attribute<std::string>("method");
  cell.status = group.attribute<std::string>("status");
  cell.facts = group.attributes();
  for (const auto& name : kOwnAttributes) cell.facts.erase(name);
  const hdf5::Group config = group.group("config");
  cell.config_yaml = config.attribute<std::string>("yaml");
  cell.config = config.attributes();
  cell.config.erase("yaml");
  cell.epochs = read_epochs(group);
  read_diagnostics(group, cell.epochs);
  cell.final = read_final(group);
  read_examples(group, cell.final);
  return cell;
}

}  // namespace klbench
