#include "sweep/plan_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/data_facts.h"
#include "core/error.h"
#include "data/facts.h"

namespace klbench {

namespace {

std::vector<std::string> warnings_of(const Dataset& corpus) {
  std::map<std::string, Value> facts;
  if (const auto* text = dynamic_cast<const TextCorpus*>(&corpus))
    facts["valid_test_unk_share"] = text->valid_test_unk_share;
  facts.insert(corpus.facts.begin(), corpus.facts.end());
  std::vector<std::string> warnings = corpus.notes;
  for (std::string& warning : data_warnings(facts)) warnings.push_back(std::move(warning));
  return warnings;
}

}  // namespace

const std::string& PlanData::of(const CellConfig& config) {
  const std::string& name = config.text("data.name");
  const auto options = config.section("data");
  auto known = data_.find({name, options});
  if (known == data_.end()) known = data_.emplace(std::pair{name, options}, read(name, options)).first;
  check(config, known->second);
  return known->second.hash;
}

Place PlanData::place_of(const std::string& error, const std::string& name,
                         const std::map<std::string, Value>& options) const {
  Place of_name;
  for (auto at = places_.rbegin(); at != places_.rend(); ++at) {  // --set, which stands last, is above the files
    if (at->option == "data.name" && at->value == name && of_name.file.empty()) of_name = at->place;
    const auto option = options.find(at->option.substr(5));
    const auto* value = option == options.end() ? nullptr : std::get_if<std::string>(&option->second);
    if (value && value->starts_with('/') && *value == at->value && error.find(*value) != std::string::npos)
      return at->place;
  }
  return of_name;
}

PlanData::Summary PlanData::read(const std::string& name, const std::map<std::string, Value>& options) {
  std::shared_ptr<const Dataset> corpus;
  try {
    corpus = load_dataset(name, Options(DatasetRegistry::instance().find(name).spec, options));
  } catch (const UsageError& error) {
    const Place place = place_of(error.what(), name, options);
    if (place.file.empty()) throw;
    throw UsageError(place, error.what());
  }
  for (const std::string& warning : warnings_of(*corpus)) warn(name, warning);
  return {corpus->hash, corpus->split("train").size(), probe_refusal(*corpus), probe_warnings(*corpus)};
}

void PlanData::check(const CellConfig& config, const Summary& data) {
  for (const Part& part : config.regularizer) {
    if (!part.needs_batch_statistics || data.train_size > 1) continue;
    throw UsageError(
        fmt::format("'{}' needs statistics over a batch, and the training split has 1 example; give it "
                    "more data",
                    part.key));
  }
  if (config.regularizer.empty() || !config.boolean("eval.probe")) return;
  const std::string& name = config.text("data.name");
  if (!data.probe_refusal.empty()) {
    throw UsageError(
        fmt::format("dataset {}: {}; mend the splits, or set eval.probe: false", name, data.probe_refusal));
  }
  for (const std::string& warning : data.probe_warnings) warn(name, "eval.probe: " + warning);
}

void PlanData::warn(const std::string& dataset, const std::string& what) {
  std::string line = fmt::format("dataset {}: {}", dataset, what);
  if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end()) warnings_.push_back(std::move(line));
}

}  // namespace klbench
