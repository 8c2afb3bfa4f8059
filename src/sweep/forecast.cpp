#include "sweep/forecast.h"

#include <fmt/format.h>

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

StudyResult forecast_study(const Plan& plan) {
  StudyResult study;
  study.name = plan.study.name;
  Corpora corpora;
  std::set<std::string> seen;
  for (const auto& planned : plan.cells) {
    CellResult cell = forecast_cell(planned.config, corpora.of(planned.config));
    cell.id = planned.id;
    cell.tags = planned.tags;
    const std::string kind = kind_of(cell);
    bool is_new = false;
    for (const auto& [name, value] : cell.config) {
      is_new = seen.insert(fmt::format("{} {} {}", kind, name, to_string(value))).second || is_new;
    }
    for (const auto& tag : cell.tags) is_new = seen.insert(fmt::format("{} tag {}", kind, tag)).second || is_new;
    if (is_new) study.cells.push_back(std::move(cell));
  }
  return study;
}

}  // namespace klbench
