#include "sweep/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/cpu_precision.h"
#include "core/error.h"
#include "storage/records.h"
#include "sweep/builtin.h"
#include "sweep/plan_data.h"

namespace klbench {

namespace {

/// The same cell again: it keeps what either of the two is to keep, and has the tags of both.
void add_twin(PlannedCell& cell, const CellConfig& twin, const std::vector<std::string>& tags) {
  auto& places = cell.config.places;
  places.insert(places.end(), twin.places.begin(), twin.places.end());
  for (auto& [name, value] : cell.config.values) {
    if (name.starts_with("keep.")) value = std::max(value, twin.values.at(name));
  }
  std::set<std::string> all(tags.begin(), tags.end());
  all.insert(cell.tags.begin(), cell.tags.end());
  cell.tags.assign(all.begin(), all.end());
}

/// A study is read everywhere; whether its cells can be trained here is asked when they are planned.
std::string precision_here(const std::string& wanted, const std::filesystem::path& study) {
  try {
    return resolve_precision(wanted);
  } catch (const UsageError& error) {
    throw UsageError(Place{study.string()}, error.what());
  }
}

}  // namespace

Schema full_schema(const Components& of_plugins) {
  know_metrics(builtin_components().metrics);
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
  PlanData data(study.data_places);
  std::map<std::string, std::size_t> positions;
  study.tags.resize(study.cells.size());
  for (std::size_t i = 0; i < study.cells.size(); ++i) {
    CellConfig& cell = study.cells[i];
    std::vector<std::string>& tags = study.tags[i];
    const bool fine = std::any_of(cell.regularizer.begin(), cell.regularizer.end(), [](auto& p) { return p.refines; });
    const bool on_card = cell.text("trainer.device") != "cpu";
    const std::string& precision = cell.text("trainer.precision");
    const bool single = precision == "auto" && (fine || on_card);
    const bool as_wanted = precision == "bf16" && on_card;
    if (!as_wanted) cell.values["trainer.precision"] = single ? "f32" : precision_here(precision, study.file);
    Identity identity = identity_of(cell, data.of(cell), plugin_hashes);
    std::string id = cell_id(identity);
    const auto [position, is_new] = positions.emplace(id, plan.cells.size());
    if (is_new) {
      plan.cells.push_back({std::move(id), std::move(cell), std::move(identity), std::move(tags)});
    } else {
      add_twin(plan.cells[position->second], cell, tags);
    }
  }
  study.cells.clear();
  study.tags.clear();
  plan.warnings = data.warnings();
  plan.study = std::move(study);
  return plan;
}

std::vector<std::string> twin_lines(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& cell : plan.cells) {
    const auto& places = cell.config.places;
    if (places.size() < 2) continue;
    const std::vector<std::size_t> first(places.begin(), places.end() - 1);
    lines.push_back(fmt::format("{}: cells {} and {} are the same: {}, seed {}", plan.study.file.string(),
                                fmt::join(first, ", "), places.back(), cell.config.method(),
                                cell.config.integer("seed")));
  }
  return lines;
}

PlanColumns plan_columns(const Plan& plan) {
  VaryingOptions varying;
  for (const auto& cell : plan.cells) varying.add(cell.config.flat());
  const auto options = varying.names();
  PlanColumns columns{{"id", "method", "seed"}, {}};
  columns.names.insert(columns.names.end(), options.begin(), options.end());
  const bool tagged =
      std::any_of(plan.cells.begin(), plan.cells.end(), [](const auto& cell) { return !cell.tags.empty(); });
  if (tagged) columns.names.emplace_back("tags");
  for (const auto& cell : plan.cells) {
    const auto flat = cell.config.flat();
    auto& row = columns.rows.emplace_back();
    row = {Value(cell.id), Value(cell.config.method()), flat.at("seed")};
    for (const auto& name : options) {
      const auto found = flat.find(name);
      row.push_back(found == flat.end() ? std::nullopt : std::optional(found->second));
    }
    if (tagged) row.emplace_back(Value(fmt::format("{}", fmt::join(cell.tags, ","))));
  }
  return columns;
}

std::string plan_table(const Plan& plan) {
  const PlanColumns columns = plan_columns(plan);
  std::vector<std::vector<std::string>> rows = {columns.names};
  for (const auto& values : columns.rows) {
    auto& row = rows.emplace_back();
    for (const auto& value : values) row.push_back(value ? one_line(to_string(*value)) : "");
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
