#include "sweep/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/files.h"
#include "data/dataset.h"
#include "sweep/forecast_cell.h"

namespace klbench {

namespace {

/// Facts of datasets, each loaded once.
class Corpora {
 public:
  const DataFacts& of(const CellConfig& config) {
    const std::string& name = config.text("data.name");
    const auto options = config.section("data");
    const auto [entry, is_new] = facts_.try_emplace({name, options});
    if (is_new) {
      entry->second = data_facts(*load_dataset(config));
    }
    return entry->second;
  }

 private:
  std::map<std::pair<std::string, std::map<std::string, Value>>, DataFacts> facts_;
};

/// Whether two cells are the same but for their seed.
bool are_alike(const CellConfig& a, const CellConfig& b) {
  const auto same = [](const auto& x, const auto& y) { return x.first == "seed" ? y.first == "seed" : x == y; };
  const auto same_part = [](const Part& x, const Part& y) {
    return x.key == y.key && x.options.values() == y.options.values();
  };
  return std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same) &&
         std::equal(a.regularizer.begin(), a.regularizer.end(), b.regularizer.begin(), b.regularizer.end(), same_part);
}

/// The same for cells of one method that have the same metrics and facts.
std::string kind_of(const CellResult& cell) {
  std::string text = cell.method;
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) text += fmt::format("\n{} {} {}", split, name, metric.values.size());
  }
  for (const auto& [name, values] : cell.epochs.at(0).diagnostics) text += "\n" + name;
  for (const auto& [name, value] : cell.facts) text += "\n" + name;
  return content_hash(text);
}

}  // namespace

StudyResult forecast_study(const Plan& plan, bool least) {
  StudyResult study;
  study.name = plan.study.name;
  Corpora corpora;
  std::set<std::string> seen;
  std::string kind;
  const auto is_new = [&](const std::string& name, const std::string& value) {
    return seen.insert(fmt::format("{} {} {}", kind, name, value)).second;
  };
  CellResult cell;
  const PlannedCell* before = nullptr;
  for (const auto& planned : plan.cells) {
    const bool other = !before || !are_alike(before->config, planned.config);
    if (other) cell = forecast_cell(planned.config, corpora.of(planned.config), least);
    if (other) kind = kind_of(cell);
    before = &planned;
    cell.id = planned.id;
    cell.tags = planned.tags;
    cell.config["seed"] = planned.config.values.at("seed");
    bool keep = false;
    for (const auto& [name, value] : cell.config) {
      if (other || name == "seed") keep = is_new(name, to_string(value)) || keep;
    }
    for (const auto& tag : cell.tags) keep = is_new("tag", tag) || keep;
    if (keep) study.cells.push_back(cell);
  }
  return study;
}

}  // namespace klbench
