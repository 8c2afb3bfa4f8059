#include "sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "data/dataset.h"
#include "models/precision.h"
#include "regularizers/registry.h"
#include "sweep/plan_data.h"

namespace klbench {

namespace {

const ComponentSpec& data_spec(const CellConfig& config) {
  return DatasetRegistry::instance().entries().at(config.text("data.name")).spec;
}

CellConfig without_paths(CellConfig config) {
  for (const auto& option : data_spec(config).options) {
    if (option.is_path) config.values.erase("data." + option.name);
  }
  return config;
}

}  // namespace

Schema full_schema(const std::vector<ComponentSpec>& plugin_specs) {
  Schema schema{core_options(), {}, {}};
  for (const auto& [key, entry] : DatasetRegistry::instance().entries()) schema.datasets.emplace(key, entry.spec);
  for (const auto& [key, entry] : RegularizerRegistry::instance().entries())
    schema.regularizers.emplace(key, entry.spec);
  for (const auto& spec : plugin_specs) {
    if (!schema.regularizers.emplace(spec.key, spec).second) {
      throw UsageError(fmt::format("a plugin defines the regularizer '{}', which exists already", spec.key));
    }
  }
  return schema;
}

std::string cell_id(const CellConfig& config, const std::string& data_hash,
                    const std::map<std::string, std::string>& plugin_hashes) {
  std::string text =
      fmt::format("{}data {}\nnumerics {}\n", without_paths(config).canonical(), data_hash, kNumericsVersion);
  for (const auto& part : config.regularizer) {
    const auto plugin = plugin_hashes.find(part.key);
    if (plugin != plugin_hashes.end()) text += fmt::format("plugin {} {}\n", part.key, plugin->second);
  }
  return content_hash(text).substr(0, kIdDigits);
}

Plan make_plan(Study study, const std::map<std::string, std::string>& plugin_hashes) {
  Plan plan;
  PlanData data;
  std::set<std::string> ids;
  for (auto& cell : study.cells) {
    cell.values["trainer.precision"] = resolve_precision(cell.text("trainer.precision"));
    std::string id = cell_id(cell, data.of(cell), plugin_hashes);
    if (ids.insert(id).second) plan.cells.push_back({std::move(id), std::move(cell)});
  }
  study.cells.clear();
  plan.study = std::move(study);
  plan.warnings = data.warnings();
  return plan;
}

std::string plan_table(const Plan& plan) {
  std::vector<std::map<std::string, Value>> flat;
  for (const auto& cell : plan.cells) flat.push_back(cell.config.flat());
  const auto options = varying_options(flat);
  std::vector<std::vector<std::string>> rows = {{"id", "method", "seed"}};
  rows[0].insert(rows[0].end(), options.begin(), options.end());
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    auto& row = rows.emplace_back();
    row = {plan.cells[i].id, plan.cells[i].config.method(), to_string(flat[i].at("seed"))};
    for (const auto& name : options) {
      const auto found = flat[i].find(name);
      row.push_back(found == flat[i].end() ? "" : one_line(to_string(found->second)));
    }
  }
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace klbench
