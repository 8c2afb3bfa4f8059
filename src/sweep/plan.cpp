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

namespace klbench {

namespace {

constexpr std::size_t kIdDigits = 16;

/// Hashes of datasets, each loaded once.
class DataHashes {
 public:
  const std::string& of(const CellConfig& config) {
    const std::string& name = config.text("data.name");
    const auto options = config.section("data");
    const auto [entry, is_new] = hashes_.try_emplace({name, options});
    if (is_new) {
      const auto& registry = DatasetRegistry::instance();
      entry->second = registry.load(name, Options(registry.entries().at(name).spec, options))->hash;
    }
    return entry->second;
  }

 private:
  std::map<std::pair<std::string, std::map<std::string, Value>>, std::string> hashes_;
};

/// Options with more than one value among the cells that have them, without the seed.
std::vector<std::string> varying_options(const Plan& plan) {
  std::map<std::string, std::set<Value>> values;
  for (const auto& cell : plan.cells) {
    for (const auto& [name, value] : cell.config.flat()) values[name].insert(value);
  }
  std::vector<std::string> names;
  for (const auto& [name, distinct] : values) {
    if (distinct.size() > 1 && name != "seed") names.push_back(name);
  }
  return names;
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
  std::string text = fmt::format("{}data {}\nnumerics {}\n", config.canonical(), data_hash, kNumericsVersion);
  for (const auto& part : config.regularizer) {
    const auto plugin = plugin_hashes.find(part.key);
    if (plugin != plugin_hashes.end()) text += fmt::format("plugin {} {}\n", part.key, plugin->second);
  }
  return content_hash(text).substr(0, kIdDigits);
}

Plan make_plan(Study study, const std::map<std::string, std::string>& plugin_hashes) {
  Plan plan;
  DataHashes data;
  std::set<std::string> ids;
  for (auto& cell : study.cells) {
    cell.values["trainer.precision"] = resolve_precision(cell.text("trainer.precision"));
    std::string id = cell_id(cell, data.of(cell), plugin_hashes);
    if (ids.insert(id).second) plan.cells.push_back({std::move(id), std::move(cell)});
  }
  study.cells.clear();
  plan.study = std::move(study);
  return plan;
}

std::string plan_table(const Plan& plan) {
  const auto options = varying_options(plan);
  std::vector<std::vector<std::string>> rows = {{"id", "method", "seed"}};
  rows[0].insert(rows[0].end(), options.begin(), options.end());
  for (const auto& cell : plan.cells) {
    auto& row = rows.emplace_back();
    row = {cell.id, cell.config.method(), to_string(cell.config.values.at("seed"))};
    const auto values = cell.config.flat();
    for (const auto& name : options) {
      const auto found = values.find(name);
      row.push_back(found == values.end() ? "" : one_line(to_string(found->second)));
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
