#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/cell_config.h"
#include "config/value_json.h"
#include "plotting/kinds/request.h"
#include "plotting/page/parts.h"
#include "plotting/table.h"
#include "plotting/table_text.h"

namespace klbench::page {

namespace {

constexpr std::size_t kLongestText = 300;

/// name -> {values, of}: of[cell] is the place of its value, -1 for none; without `of` all cells have the one value.
class Columns {
 public:
  explicit Columns(std::size_t cells) : cells_(cells) {}

  void set(std::size_t cell, const std::string& name, const Json& value) {
    auto& column = columns_.try_emplace(name, Column{{}, {}, std::vector<long>(cells_, -1)}).first->second;
    const auto [place, is_new] =
        column.places.try_emplace(value.dump(-1, ' ', false, Json::error_handler_t::replace), column.values.size());
    if (is_new) column.values.push_back(value);
    column.of[cell] = static_cast<long>(place->second);
  }

  Json json() const {
    Json all = Json::object();
    for (const auto& [name, column] : columns_) {
      all[name] = {{"values", column.values}};
      const bool same = std::all_of(column.of.begin(), column.of.end(), [](long place) { return place == 0; });
      if (!same) all[name]["of"] = column.of;
    }
    return all;
  }

 private:
  struct Column {
    std::vector<Json> values;
    std::map<std::string, std::size_t> places;  ///< of values, by their text
    std::vector<long> of;
  };
  std::size_t cells_;
  std::map<std::string, Column> columns_;
};

/// A record of a run without what stands elsewhere (its identity is its configuration).
void add_provenance(Columns& columns, std::size_t cell, const std::string& text) {
  const auto record = Json::parse(text, nullptr, false);
  if (!record.is_object()) return;
  for (const auto& [name, value] : record.items()) {
    if (value.is_structured()) continue;
    columns.set(cell, name,
                value.is_string()         ? Json(value.get<std::string>().substr(0, kLongestText))
                : value.is_number_float() ? rounded(value.get<double>())
                                          : value);
  }
}

/// Metrics of one number at the end of training by split and, under "cost", what it took, each [cell].
Json finals(const StudyResult& study, const std::set<std::string>* only) {
  std::map<std::string, std::set<std::string>> names;
  for (const auto& cell : study.cells) {
    for (const auto& [split, metrics] : cell.final) {
      for (const auto& [name, metric] : metrics) {
        if (metric.values.size() == 1 && (!only || only->contains(name))) names[split].insert(name);
      }
    }
  }
  Json all = Json::object();
  for (const auto& [split, metrics] : names) {
    for (const auto& name : metrics) {
      Json values = Json::array();
      for (const auto& cell : study.cells) {
        const FinalMetric* found = final_metric(cell, split, name);
        values.push_back(found && found->values.size() == 1 ? rounded(found->values[0]) : Json());
      }
      all[split][name] = std::move(values);
    }
  }
  std::set<std::string> costs;
  for (const auto& cell : study.cells) {
    for (const auto& [name, value] : cell.cost) {
      if (!only || only->contains(name)) costs.insert(name);
    }
  }
  for (const auto& name : costs) {
    for (const auto& cell : study.cells) {
      const auto found = cell.cost.find(name);
      all["cost"][name].push_back(found == cell.cost.end() ? Json() : rounded(found->second));
    }
  }
  return all;
}

std::vector<std::string> options_that_vary(const std::vector<Group>& groups) {
  VaryingOptions varying;
  for (const auto& group : groups) varying.add(group.config);
  return varying.names();
}

}  // namespace

Json rows(const Sources& sources) {
  const auto varying = options_that_vary(sources.groups);
  Json all = Json::array();
  for (const auto& group : sources.groups) {
    Json options = Json::object();
    for (const auto& name : varying) {
      if (const auto value = group.config.find(name); value != group.config.end())
        options[name] = short_value(value->second);
    }
    const auto floor = nominal_floor(group.cells);
    all.push_back({{"method", group.method},
                   {"label", group.label},
                   {"latex", latex_text(group.label)},
                   {"colour", group.style.colour},
                   {"point", group.style.point},
                   {"dash", group.style.dash},
                   {"floor", floor ? rounded(*floor) : Json()},
                   {"floor_fails", failing_floor(group)},
                   {"options", std::move(options)}});
  }
  return all;
}

Json cells(Sources& sources, const std::vector<std::string>& table_metrics) {
  const StudyResult& study = sources.study;
  const std::size_t count = study.cells.size();
  const bool detailed = count <= kDetailedCells;
  if (!detailed) {
    sources.limits.push_back(
        fmt::format("Of studies of more than {} cells the page has no facts, provenance and metrics outside the table.",
                    kDetailedCells));
  }
  Columns options(count), facts(count), provenance(count);
  Json ids = Json::array(), seeds = Json::array(), states = Json::array(), tags = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const CellResult& cell = study.cells[i];
    ids.push_back(cell.id);
    seeds.push_back(cell_seed(cell));
    states.push_back(to_string(cell.status));
    tags.push_back(cell.tags);
    for (const auto& [name, value] : cell.config) options.set(i, name, value_json(value));
    if (!detailed) continue;
    for (const auto& [name, value] : cell.facts) facts.set(i, name, value_json(value));
    if (const auto record = study.provenance.find(cell.id); record != study.provenance.end())
      add_provenance(provenance, i, record->second);
  }
  const std::set<std::string> in_table(table_metrics.begin(), table_metrics.end());
  return {{"ids", std::move(ids)},
          {"rows", sources.group_of},
          {"seeds", std::move(seeds)},
          {"states", std::move(states)},
          {"tags", std::move(tags)},
          {"options", options.json()},
          {"facts", facts.json()},
          {"provenance", provenance.json()},
          {"finals", finals(study, detailed ? nullptr : &in_table)}};
}

}  // namespace klbench::page
