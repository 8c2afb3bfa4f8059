#include "storage/cell_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.h"
#include "storage/epoch_columns.h"
#include "storage/hdf5_check.h"
#include "storage/metric_attributes.h"

namespace klbench {

namespace {

using nlohmann::json;

/// As JSON has it; {"real": "nan"} (inf, -inf) of numbers that it has not.
json to_json(const Value& value) {
  if (const auto* real = std::get_if<double>(&value); real && !std::isfinite(*real)) {
    return {{"real", std::isnan(*real) ? "nan" : *real > 0 ? "inf" : "-inf"}};
  }
  return std::visit([](const auto& held) { return json(held); }, value);
}

Value value_of(const json& node) {
  if (node.is_boolean()) return node.get<bool>();
  if (node.is_number_integer()) return node.get<std::int64_t>();
  if (node.is_number()) return node.get<double>();
  if (node.is_string()) return node.get<std::string>();
  return std::stod(node.at("real").get<std::string>());
}

/// A name that a study's file can have for a dataset, and text without NUL.
const std::string& checked(const std::string& name, const std::string& place) {
  hdf5::check_name(name, place);
  return name;
}

json to_json(const std::map<std::string, Value>& values, const std::string& place) {
  json object = json::object();
  for (const auto& [name, value] : values) {
    if (const auto* text = std::get_if<std::string>(&value)) hdf5::check_text(*text, place + "@" + name);
    object[checked(name, place)] = to_json(value);
  }
  return object;
}

std::map<std::string, Value> values_of(const json& object) {
  std::map<std::string, Value> values;
  for (const auto& [name, node] : object.items()) values.emplace(name, value_of(node));
  return values;
}

/// The next `count` numbers of a dataset.
template <class T>
class Cursor {
 public:
  Cursor(std::vector<T> all, std::string place) : all_(std::move(all)), place_(std::move(place)) {}
  std::span<const T> next(std::size_t count) {
    if (count > all_.size() - at_)
      throw UsageError(fmt::format("{}: {} values where more are due", place_, all_.size()));
    at_ += count;
    return std::span<const T>(all_).subspan(at_ - count, count);
  }
  void end() const {
    if (at_ != all_.size()) throw UsageError(fmt::format("{}: {} values where {} are due", place_, all_.size(), at_));
  }

 private:
  std::vector<T> all_;
  std::string place_;
  std::size_t at_ = 0;
};

void write_epochs(hdf5::Group& root, const CellResult& cell, json& about, const std::string& place) {
  std::vector<std::int64_t> steps;
  for (const auto& epoch : cell.epochs) steps.insert(steps.end(), {epoch.epoch, epoch.step});
  root.create("steps", steps, {cell.epochs.size(), 2});
  about["epochs"] = json::object();
  std::vector<std::vector<double>> columns;
  for (const auto& [split, names] : metric_names(cell.epochs)) {
    for (const auto& name : names) {
      about["epochs"][checked(split, place)].push_back(checked(name, place));
      columns.push_back(metric_by_epoch(cell.epochs, split, name));
    }
  }
  std::vector<double> rows;
  for (std::size_t row = 0; row < cell.epochs.size(); ++row) {
    for (const auto& column : columns) rows.push_back(column[row]);
  }
  root.create("epochs", rows, {cell.epochs.size(), columns.size()});
  about["diagnostics"] = json::object();
  std::vector<double> diagnostics;
  for (const auto& [name, width] : diagnostic_widths(cell.epochs)) {
    about["diagnostics"][checked(name, place)] = width;
    const auto all = diagnostic_by_epoch(cell.epochs, name, width);
    diagnostics.insert(diagnostics.end(), all.begin(), all.end());
  }
  root.create("diagnostics", diagnostics);
}

void write_final(hdf5::Group& root, const CellResult& cell, json& about, const std::string& place) {
  std::vector<double> values;
  std::vector<float> examples;
  about["final"] = json::object();
  for (const auto& [split, metrics] : cell.final) {
    json& of_split = about["final"][checked(split, place)] = json::object();
    for (const auto& [name, metric] : metrics) {
      values.insert(values.end(), metric.values.begin(), metric.values.end());
      examples.insert(examples.end(), metric.examples.begin(), metric.examples.end());
      auto attributes = metric.attributes;
      auto usual = usual_attributes(name);
      if (usual.contains("better")) attributes.merge(usual);  // who reads it need not have the plugin
      of_split[checked(name, place)] = {{"values", metric.values.size()},
                                        {"examples", metric.examples.size()},
                                        {"attributes", to_json(attributes, place)}};
    }
  }
  root.create("final", values);
  root.create("examples", examples);
}

void read_epochs(const hdf5::Group& root, const json& about, CellResult& cell) {
  const hdf5::Dataset steps = root.dataset("steps");
  Cursor<std::int64_t> numbers(steps.integers(), steps.place());
  const std::size_t count = steps.shape()[0];
  cell.epochs.resize(count);
  for (auto& epoch : cell.epochs) {
    const auto row = numbers.next(2);
    epoch.epoch = row[0];
    epoch.step = row[1];
  }
  numbers.end();
  const hdf5::Dataset epochs = root.dataset("epochs");
  Cursor<double> rows(epochs.reals(), epochs.place());
  for (std::size_t row = 0; row < count; ++row) {
    for (const auto& [split, names] : about.at("epochs").items()) {
      const auto values = rows.next(names.size());
      for (std::size_t i = 0; i < values.size(); ++i) {
        set_metric(std::span(cell.epochs).subspan(row, 1), split, names[i].get<std::string>(), values.subspan(i, 1));
      }
    }
  }
  rows.end();
  const hdf5::Dataset diagnostics = root.dataset("diagnostics");
  Cursor<double> values(diagnostics.reals(), diagnostics.place());
  for (const auto& [name, width] : about.at("diagnostics").items()) {
    set_diagnostic(cell.epochs, name, values.next(width.get<std::size_t>() * count));
  }
  values.end();
}

void read_final(const hdf5::Group& root, const json& about, CellResult& cell) {
  const hdf5::Dataset final = root.dataset("final");
  const hdf5::Dataset examples = root.dataset("examples");
  Cursor<double> values(final.reals(), final.place());
  Cursor<float> singles(examples.singles(), examples.place());
  for (const auto& [split, metrics] : about.at("final").items()) {
    auto& of_split = cell.final[split];
    for (const auto& [name, known] : metrics.items()) {
      const auto own = values.next(known.at("values").get<std::size_t>());
      const auto by_example = singles.next(known.at("examples").get<std::size_t>());
      of_split.emplace(name, FinalMetric{{own.begin(), own.end()},
                                         without_usual(name, values_of(known.at("attributes"))),
                                         {by_example.begin(), by_example.end()}});
    }
  }
  values.end();
  singles.end();
}

}  // namespace

void write_cell_tables(hdf5::Group& root, const CellResult& cell) {
  const std::string place = "cell " + cell.id;
  hdf5::check_text(cell.config_yaml, place);
  json about = {{"id", cell.id},
                {"method", cell.method},
                {"status", to_string(cell.status)},
                {"yaml", cell.config_yaml},
                {"config", to_json(cell.config, place)},
                {"facts", to_json(cell.facts, place)}};
  write_epochs(root, cell, about, place);
  write_final(root, cell, about, place);
  root.create("about", std::vector{about.dump(-1, ' ', false, json::error_handler_t::replace)});
}

CellResult read_cell_tables(const hdf5::Group& root) {
  const hdf5::Dataset text = root.dataset("about");
  try {
    const json about = json::parse(text.texts().at(0));
    CellResult cell;
    about.at("id").get_to(cell.id);
    about.at("method").get_to(cell.method);
    cell.status = published_status(about.at("status").get<std::string>(), text.place());
    about.at("yaml").get_to(cell.config_yaml);
    cell.config = values_of(about.at("config"));
    cell.facts = values_of(about.at("facts"));
    read_epochs(root, about, cell);
    read_final(root, about, cell);
    return cell;
  } catch (const json::exception& error) {
    throw UsageError(fmt::format("{}: {}", text.place(), one_line(error.what())));
  } catch (const std::logic_error& error) {
    throw UsageError(fmt::format("{}: {}", text.place(), error.what()));
  }
}

}  // namespace klbench
