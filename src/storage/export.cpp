#include "storage/export.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/cell_config.h"
#include "core/csv.h"

namespace klbench {

namespace {

struct Row {
  const std::string& split;
  std::string metric;
  std::optional<std::int64_t> epoch;  ///< or the example
  double value;
};

const char* index_name(ExportRows rows) { return rows == ExportRows::metrics ? "epoch" : "example"; }

std::optional<double> as_number(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::nullopt;
}

void each_example(const CellResult& cell, const std::function<void(const Row&)>& use) {
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      for (std::size_t i = 0; i < metric.examples.size(); ++i) {
        const float value = metric.examples[i];
        if (!std::isnan(value)) use({split, name, static_cast<std::int64_t>(i), static_cast<double>(value)});
      }
    }
  }
}

void each_row(const CellResult& cell, ExportRows rows, const std::function<void(const Row&)>& use) {
  if (rows == ExportRows::examples) return each_example(cell, use);
  static const std::string diagnostics = "diagnostics";
  static const std::string facts = "facts";
  static const std::string cost = "cost";
  const auto use_all = [&](const std::string& split, const std::string& metric, std::optional<std::int64_t> epoch,
                           const std::vector<double>& values) {
    if (values.size() == 1) return use({split, metric, epoch, values[0]});
    for (std::size_t j = 0; j < values.size(); ++j) use({split, fmt::format("{}[{}]", metric, j), epoch, values[j]});
  };
  for (const auto& epoch : cell.epochs) {
    for (const auto& [split, metrics] : epoch.metrics) {
      for (const auto& [metric, value] : metrics) use({split, metric, epoch.epoch, value});
    }
    for (const auto& [name, values] : epoch.diagnostics) use_all(diagnostics, name, epoch.epoch, values);
  }
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [metric, found] : metrics) {
      const bool by_dimension = !found.attributes.contains("bins") && !found.attributes.contains("dim_a");
      if (by_dimension) use_all(split, metric, {}, found.values);
    }
  }
  for (const auto& [name, value] : cell.facts) {
    if (const auto number = as_number(value)) use({facts, name, {}, *number});
  }
  for (const auto& [name, value] : cell.cost) use({cost, name, {}, value});
}

nlohmann::ordered_json json_number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

nlohmann::ordered_json json_option(const CellResult& cell, const std::string& option) {
  const auto found = cell.config.find(option);
  if (found == cell.config.end()) return nullptr;
  if (const auto* real = std::get_if<double>(&found->second)) return json_number(*real);
  return std::visit([](const auto& value) { return nlohmann::ordered_json(value); }, found->second);
}

std::string option_text(const CellResult& cell, const std::string& option) {
  const auto found = cell.config.find(option);
  return found == cell.config.end() ? "" : to_string(found->second);
}

std::vector<std::string> options_of(const StudyResult& study) {
  std::vector<std::map<std::string, Value>> configs;
  for (const auto& cell : study.cells) configs.push_back(cell.config);
  return varying_options(configs);
}

}  // namespace

std::string export_csv(const StudyResult& study, ExportRows rows) {
  const std::vector<std::string> options = options_of(study);
  std::vector<std::string> header{"cell", "regularizer", "seed"};
  header.insert(header.end(), options.begin(), options.end());
  header.insert(header.end(), {"split", "metric", index_name(rows), "value"});
  std::string out = csv_line(header) + "\n";
  for (const auto& cell : study.cells) {
    std::vector<std::string> fields{cell.id, cell.method, option_text(cell, "seed")};
    for (const auto& option : options) fields.push_back(option_text(cell, option));
    const std::string head = csv_line(fields);
    each_row(cell, rows, [&](const Row& row) {
      fmt::format_to(std::back_inserter(out), "{},{},{},{},{}\n", head, csv_field(row.split), csv_field(row.metric),
                     row.epoch ? fmt::to_string(*row.epoch) : "", row.value);
    });
  }
  return out;
}

std::string export_json(const StudyResult& study, ExportRows rows) {
  using nlohmann::ordered_json;
  const std::vector<std::string> options = options_of(study);
  std::string out = "[";
  for (const auto& cell : study.cells) {
    ordered_json head = {{"cell", cell.id}, {"regularizer", cell.method}, {"seed", json_option(cell, "seed")}};
    for (const auto& option : options) head[option] = json_option(cell, option);
    each_row(cell, rows, [&](const Row& row) {
      ordered_json node = head;
      node["split"] = row.split;
      node["metric"] = row.metric;
      node[index_name(rows)] = row.epoch ? ordered_json(*row.epoch) : ordered_json();
      node["value"] = json_number(row.value);
      out += out.size() == 1 ? "\n" : ",\n";
      out += node.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    });
  }
  return out + "\n]\n";
}

}  // namespace klbench
