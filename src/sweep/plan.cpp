#include "sweep/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/cpu_precision.h"
#include "core/error.h"
#include "sweep/builtin.h"
#include "sweep/plan_data.h"

namespace klbench {

namespace {

/// The same cell again: it keeps what either of the two is to keep.
void add_twin(CellConfig& cell, const CellConfig& twin) {
  cell.places.insert(cell.places.end(), twin.places.begin(), twin.places.end());
  for (auto& [name, value] : cell.values) {
    if (name.starts_with("keep.")) value = std::max(value, twin.values.at(name));
  }
}

}  // namespace

Schema full_schema(const Components& of_plugins) {
  Schema schema{builtin_components(), core_options()};
  for (const auto& kind : kComponentKinds) {
    for (const auto& [key, spec] : of_plugins.*kind.member) {
      if (!(schema.*kind.member).emplace(key, spec).second)
        throw UsageError(fmt::format("a plugin defines the {} '{}', which exists already", kind.what, key));
    }
  }
  return schema;
}

Plan make_plan(Study study, const std::map<std::string, std::string>& plugin_hashes) {
  Plan plan;
  PlanData data;
  std::map<std::string, std::size_t> positions;
  for (auto& cell : study.cells) {
    cell.values["trainer.precision"] = resolve_precision(cell.text("trainer.precision"));
    Identity identity = identity_of(cell, data.of(cell), plugin_hashes);
    std::string id = cell_id(identity);
    const auto [position, is_new] = positions.emplace(id, plan.cells.size());
    if (is_new) {
      plan.cells.push_back({std::move(id), std::move(cell), std::move(identity)});
    } else {
      add_twin(plan.cells[position->second].config, cell);
    }
  }
  study.cells.clear();
  plan.study = std::move(study);
  plan.warnings = data.warnings();
  return plan;
}

std::vector<std::string> twin_lines(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& cell : plan.cells) {
    const auto& places = cell.config.places;
    if (places.size() < 2) continue;
    const std::vector<std::size_t> first(places.begin(), places.end() - 1);
    lines.push_back(fmt::format("cells {} and {} are the same: {}, seed {}", fmt::join(first, ", "), places.back(),
                                cell.config.method(), cell.config.integer("seed")));
  }
  return lines;
}

std::string plan_table(const Plan& plan) {
  VaryingOptions varying;
  for (const auto& cell : plan.cells) varying.add(cell.config.flat());
  const auto options = varying.names();
  std::vector<std::vector<std::string>> rows = {{"id", "method", "seed"}};
  rows[0].insert(rows[0].end(), options.begin(), options.end());
  for (const auto& cell : plan.cells) {
    const auto flat = cell.config.flat();
    auto& row = rows.emplace_back();
    row = {cell.id, cell.config.method(), to_string(flat.at("seed"))};
    for (const auto& name : options) {
      const auto found = flat.find(name);
      row.push_back(found == flat.end() ? "" : one_line(to_string(found->second)));
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
