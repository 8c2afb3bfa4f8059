#include "storage/study_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/error.h"
#include "storage/epoch_columns.h"
#include "storage/hdf5.h"
#include "storage/metric_attributes.h"

namespace klbench {

namespace {

constexpr std::int64_t kNoStep = -1;
/// The estimate that says how many values a metric has, where that may be none.
constexpr const char* kCount = "value_count";

void describe(hdf5::Dataset& dataset, const std::map<std::string, Value>& attributes) {
  for (const auto& [name, value] : attributes) dataset.set(name, value);
}

/// [rows, width], each row filled up with `none`.
template <class T>
std::vector<T> dense(const Ragged<T>& ragged, std::size_t rows, std::size_t width, T none) {
  std::vector<T> all(rows * width, none);
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy(ragged[row].begin(), ragged[row].end(), all.begin() + static_cast<std::ptrdiff_t>(row * width));
  }
  return all;
}

/// Without the absent values at the end.
template <class T>
std::span<const T> stripped(std::span<const T> values) {
  while (!values.empty() && is_absent(values.back())) values = values.first(values.size() - 1);
  return values;
}

/// Calls `use` with the rows of a dense dataset of `rows` rows, each without the absent values at its end.
template <class T, class Use>
void each_row(const hdf5::Dataset& dataset, const std::vector<T>& all, std::size_t rows, const Use& use) {
  const std::vector<std::size_t> shape = dataset.shape();
  if (shape[0] != rows) throw UsageError(fmt::format("{}: {} rows of {} cells", dataset.place(), shape[0], rows));
  const std::size_t width = rows == 0 ? 0 : all.size() / rows;
  for (std::size_t row = 0; row < rows; ++row) {
    use(row, stripped(std::span<const T>(all).subspan(row * width, width)));
  }
}

void write_columns(hdf5::Group& root, const std::string& name, const ValueColumns& columns, std::size_t rows) {
  hdf5::Group group = root.create_group(name);
  for (const auto& [column, values] : columns) values.write(group, column, rows);
}

ValueColumns read_columns(const hdf5::Group& group) {
  ValueColumns columns;
  for (const auto& name : group.members()) columns.emplace(name, ValueColumn::read(group.dataset(name)));
  return columns;
}

std::vector<std::string> read_texts(const hdf5::Group& group, const std::string& name, std::size_t rows) {
  const hdf5::Dataset dataset = group.dataset(name);
  std::vector<std::string> texts = dataset.texts();
  if (texts.size() != rows)
    throw UsageError(fmt::format("{}: {} rows of {} cells", dataset.place(), texts.size(), rows));
  return texts;
}

void set_all(ValueColumns& columns, std::size_t row, const std::map<std::string, Value>& values) {
  for (const auto& [name, value] : values) columns[name].set(row, value);
}

std::map<std::string, Value> get_all(const ValueColumns& columns, std::size_t row) {
  std::map<std::string, Value> values;
  for (const auto& [name, column] : columns) {
    if (const Value* value = column.at(row)) values.emplace(name, *value);
  }
  return values;
}

}  // namespace

void StudyTable::add(const CellResult& cell) {
  const std::size_t row = ids_.size();
  ids_.push_back(cell.id);
  methods_.push_back(cell.method);
  statuses_.push_back(cell.status);
  yamls_.push_back(cell.config_yaml);
  tags_.push_back(fmt::format("{}", fmt::join(cell.tags, ",")));
  set_all(config_, row, cell.config);
  set_all(facts_, row, cell.facts);
  std::vector<std::int64_t> epochs, steps;
  for (const auto& epoch : cell.epochs) {
    epochs.push_back(epoch.epoch);
    steps.push_back(epoch.step);
  }
  epochs_.set(row, epochs);
  steps_.set(row, steps);
  for (const auto& [split, names] : metric_names(cell.epochs)) {
    for (const auto& name : names) metrics_[split][name].set(row, metric_by_epoch(cell.epochs, split, name));
  }
  for (const auto& [name, width] : diagnostic_widths(cell.epochs)) {
    diagnostics_[name].set(row, diagnostic_by_epoch(cell.epochs, name, width));
  }
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      Final& final = final_[split][name];
      final.rows.push_back(row);
      final.values.set(row, metric.values);
      final.examples.set(row, metric.examples);
      set_all(final.attributes, row, metric.attributes);
    }
  }
}

CellResult StudyTable::cell(std::size_t row) const {
  CellResult cell{ids_[row], methods_[row], yamls_[row], get_all(config_, row), statuses_[row], {}, {}, {}, {}, {}};
  cell.facts = get_all(facts_, row);
  std::istringstream tags(tags_[row]);
  for (std::string tag; std::getline(tags, tag, ',');) cell.tags.push_back(tag);
  const std::size_t count = epochs_[row].size();
  cell.epochs.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    cell.epochs[i].epoch = epochs_[row][i];
    cell.epochs[i].step = steps_[row][i];
  }
  for (const auto& [split, metrics] : metrics_) {
    for (const auto& [name, values] : metrics) set_metric(cell.epochs, split, name, values[row]);
  }
  for (const auto& [name, values] : diagnostics_) set_diagnostic(cell.epochs, name, values[row]);
  for (const auto& [split, metrics] : final_) {
    for (const auto& [name, final] : metrics) {
      if (!std::binary_search(final.rows.begin(), final.rows.end(), row)) continue;
      const auto values = final.values[row];
      const auto examples = final.examples[row];
      cell.final[split].emplace(name, FinalMetric{{values.begin(), values.end()},
                                                  get_all(final.attributes, row),
                                                  {examples.begin(), examples.end()}});
    }
  }
  return cell;
}

std::vector<std::int64_t> StudyTable::epoch_numbers() const {
  std::set<std::int64_t> numbers;
  for (std::size_t row = 0; row < ids_.size(); ++row) numbers.insert(epochs_[row].begin(), epochs_[row].end());
  return {numbers.begin(), numbers.end()};
}

void StudyTable::write(hdf5::Group& root) const {
  hdf5::Group group = root.create_group("cells");
  hdf5::Dataset cells = group.create("id", ids_);
  cells.make_scale("cell");
  group.create("method", methods_);
  std::vector<std::string> statuses;
  for (const auto status : statuses_) statuses.push_back(to_string(status));
  group.create("status", statuses);
  group.create("yaml", yamls_);
  const bool tagged = std::any_of(tags_.begin(), tags_.end(), [](const std::string& tags) { return !tags.empty(); });
  if (tagged) group.create("tags", tags_);
  write_columns(root, "config", config_, ids_.size());
  write_columns(root, "facts", facts_, ids_.size());
  write_epochs(root, cells);
  write_final(root, cells);
}

void StudyTable::write_epochs(hdf5::Group& root, const hdf5::Dataset& cells) const {
  const std::vector<std::int64_t> numbers = epoch_numbers();
  const std::size_t rows = ids_.size();
  hdf5::Group group = root.create_group("epochs");
  hdf5::Dataset epoch = group.create("epoch", numbers);
  epoch.make_scale("epoch");
  /// [rows, numbers, width] of what cells have for each of their epochs.
  const auto by_number = [&](const auto& ragged, std::size_t width, auto none) {
    std::vector<decltype(none)> all(rows * numbers.size() * width, none);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto values = ragged[row];
      const std::size_t own = epochs_[row].empty() ? 0 : values.size() / epochs_[row].size();
      for (std::size_t i = 0; i < epochs_[row].size(); ++i) {
        const auto at = std::lower_bound(numbers.begin(), numbers.end(), epochs_[row][i]) - numbers.begin();
        const auto to =
            all.begin() + (static_cast<std::ptrdiff_t>(row * numbers.size()) + at) * static_cast<std::ptrdiff_t>(width);
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * own), own, to);
      }
    }
    return all;
  };
  group.create("step", by_number(steps_, 1, kNoStep), {rows, numbers.size()});
  for (const auto& [split, metrics] : metrics_) {
    hdf5::Group split_group = group.create_group(split);
    for (const auto& [name, values] : metrics) {
      auto dataset = split_group.create(name, by_number(values, 1, absent()), {rows, numbers.size()});
      describe(dataset, usual_attributes(name));
      dataset.attach(cells, 0);
      dataset.attach(epoch, 1);
    }
  }
  hdf5::Group diagnostics = root.create_group("diagnostics");
  for (const auto& [name, values] : diagnostics_) {
    std::size_t width = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      width = std::max(width, values[row].size() / std::max<std::size_t>(epochs_[row].size(), 1));
    }
    auto dataset = diagnostics.create(name, by_number(values, width, absent()), {rows, numbers.size(), width});
    dataset.attach(cells, 0);
    dataset.attach(epoch, 1);
  }
}

void StudyTable::write_final(hdf5::Group& root, const hdf5::Dataset& cells) const {
  const std::size_t rows = ids_.size();
  hdf5::Group group = root.create_group("final");
  hdf5::Group estimates = root.create_group("estimates");
  hdf5::Group examples = root.create_group("examples");
  for (const auto& [split, metrics] : final_) {
    hdf5::Group split_group = group.create_group(split);
    hdf5::Group split_estimates = estimates.create_group(split);
    hdf5::Group split_examples = examples.create_group(split);
    for (const auto& [name, final] : metrics) {
      const std::size_t width = final.values.longest();
      const auto shape = width == 1 ? std::vector{rows} : std::vector{rows, width};
      auto dataset = split_group.create(name, dense(final.values, rows, width, absent()), shape);
      auto attributes = usual_attributes(name);
      ValueColumns differing;
      for (const auto& [attribute, column] : final.attributes) {
        if (const Value* shared = column.shared_by(final.rows)) {
          attributes[attribute] = *shared;
        } else {
          for (const std::size_t row : final.rows) {
            if (const Value* value = column.at(row)) differing[attribute].set(row, *value);
          }
        }
      }
      const auto empty = [&](std::size_t row) { return final.values[row].empty(); };
      if (std::any_of(final.rows.begin(), final.rows.end(), empty)) {
        for (const auto row : final.rows) differing[kCount].set(row, std::int64_t(final.values[row].size()));
      }
      describe(dataset, attributes);
      dataset.attach(cells, 0);
      if (!differing.empty()) write_columns(split_estimates, name, differing, rows);
      const std::size_t longest = final.examples.longest();
      if (longest == 0) continue;
      auto by_example =
          split_examples.create(name, dense(final.examples, rows, longest, absent_single()), {rows, longest});
      describe(by_example, usual_attributes(name));
      by_example.set("order", std::string("that of the data, from 0"));
      by_example.attach(cells, 0);
    }
  }
}

std::vector<std::string> StudyTable::read_ids(const hdf5::Group& root) {
  return root.group("cells").dataset("id").texts();
}

StudyTable StudyTable::read(const hdf5::Group& root) {
  StudyTable table;
  const hdf5::Group cells = root.group("cells");
  table.ids_ = read_ids(root);
  table.methods_ = read_texts(cells, "method", table.ids_.size());
  for (const auto& name : read_texts(cells, "status", table.ids_.size())) {
    table.statuses_.push_back(published_status(name, cells.dataset("status").place()));
  }
  table.yamls_ = read_texts(cells, "yaml", table.ids_.size());
  table.tags_.resize(table.ids_.size());
  if (cells.has("tags")) table.tags_ = read_texts(cells, "tags", table.ids_.size());
  table.config_ = read_columns(root.group("config"));
  table.facts_ = read_columns(root.group("facts"));
  table.read_epochs(root);
  table.read_final(root);
  return table;
}

void StudyTable::read_epochs(const hdf5::Group& root) {
  const std::size_t rows = ids_.size();
  const hdf5::Group group = root.group("epochs");
  const std::vector<std::int64_t> numbers = group.dataset("epoch").integers();
  const hdf5::Dataset step = group.dataset("step");
  const std::vector<std::int64_t> steps = step.integers();
  if (step.shape() != std::vector{rows, numbers.size()}) throw UsageError(step.place() + ": of another extent");
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::int64_t> own_epochs, own_steps;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (steps[row * numbers.size() + i] == kNoStep) continue;
      own_epochs.push_back(numbers[i]);
      own_steps.push_back(steps[row * numbers.size() + i]);
    }
    epochs_.set(row, own_epochs);
    steps_.set(row, own_steps);
  }
  /// What `dataset` has for the epochs of each cell, of those that have any of it.
  const auto read = [&](const hdf5::Dataset& dataset, Ragged<double>& to) {
    const auto shape = dataset.shape();
    if (shape.size() < 2 || shape[0] != rows || shape[1] != numbers.size()) {
      throw UsageError(dataset.place() + ": of another extent than the cells and epochs");
    }
    const std::vector<double> all = dataset.reals();
    const std::size_t width = shape.size() < 3 ? 1 : shape[2];
    for (std::size_t row = 0; row < rows; ++row) {
      std::vector<double> own;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (steps[row * numbers.size() + i] == kNoStep) continue;
        const auto from = all.begin() + static_cast<std::ptrdiff_t>((row * numbers.size() + i) * width);
        own.insert(own.end(), from, from + static_cast<std::ptrdiff_t>(width));
      }
      if (!std::all_of(own.begin(), own.end(), [](double value) { return is_absent(value); })) to.set(row, own);
    }
  };
  for (const auto& split : group.members()) {
    if (split == "epoch" || split == "step") continue;
    const hdf5::Group split_group = group.group(split);
    for (const auto& name : split_group.members()) read(split_group.dataset(name), metrics_[split][name]);
  }
  const hdf5::Group diagnostics = root.group("diagnostics");
  for (const auto& name : diagnostics.members()) read(diagnostics.dataset(name), diagnostics_[name]);
}

void StudyTable::read_final(const hdf5::Group& root) {
  const std::size_t rows = ids_.size();
  const hdf5::Group group = root.group("final");
  for (const auto& split : group.members()) {
    const hdf5::Group split_group = group.group(split);
    const hdf5::Group estimates = root.group("estimates").group(split);
    const hdf5::Group examples = root.group("examples").group(split);
    for (const auto& name : split_group.members()) {
      Final& final = final_[split][name];
      if (estimates.has(name)) final.attributes = read_columns(estimates.group(name));
      const auto count = final.attributes.extract(kCount);
      const hdf5::Dataset dataset = split_group.dataset(name);
      each_row(dataset, dataset.reals(), rows, [&](std::size_t row, std::span<const double> values) {
        if (count ? !count.mapped().at(row) : values.empty()) return;
        final.rows.push_back(row);
        final.values.set(row, values);
      });
      for (const auto& [attribute, value] : without_usual(name, dataset.attributes())) {
        for (const std::size_t row : final.rows) final.attributes[attribute].set(row, value);
      }
      if (!examples.has(name)) continue;
      const hdf5::Dataset by_example = examples.dataset(name);
      each_row(by_example, by_example.singles(), rows, [&](std::size_t row, std::span<const float> values) {
        if (!values.empty()) final.examples.set(row, values);
      });
    }
  }
}

}  // namespace klbench
