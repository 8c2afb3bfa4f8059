#include "plotting/group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "plotting/selection.h"

namespace klbench {

namespace {

/// The value of an option; empty where the group has none.
std::string value_text(const Group& group, const std::string& option) {
  const auto value = group.config.find(option);
  return value == group.config.end() ? "" : to_string(value->second);
}

/// Whether in groups of one `name` there is but one `option`.
bool determines(const std::vector<Group*>& groups, const std::string& name, const std::string& option) {
  std::map<std::string, std::string> by_name;
  return std::all_of(groups.begin(), groups.end(), [&](const Group* group) {
    const std::string value = value_text(*group, option);
    return by_name.try_emplace(value_text(*group, name), value).first->second == value;
  });
}

/// The options in which the groups of one method differ, in alphabetical order, but for those of components that the
/// component's name tells, and names of components that the name of one before them tells.
std::vector<std::string> telling_options(const std::vector<Group*>& groups) {
  std::set<std::string> options;
  for (const Group* group : groups) {
    for (const auto& option : group->config) options.insert(option.first);
  }
  std::erase_if(options, [&](const auto& option) { return determines(groups, "", option); });  // the same in all
  std::vector<std::string> names, telling;
  for (const auto& option : options) {
    const auto tells = [&](const auto& name) { return determines(groups, name, option); };
    if (last_part(option) == "name" && std::none_of(names.begin(), names.end(), tells)) names.push_back(option);
  }
  for (const auto& option : options) {
    const std::string component = option.substr(0, option.rfind('.')) + ".name";
    const bool told = option == component ? std::find(names.begin(), names.end(), option) == names.end()
                                          : determines(groups, component, option);
    if (!told) telling.push_back(option);
  }
  return telling;
}

/// Text options say their value alone ("free_bits dim_batch"), the others "name=value", with the component's key where
/// two of them share a name.
std::string describe(const Group& group, const std::vector<std::string>& options) {
  std::string text = group.method;
  for (const auto& option : options) {
    const auto value = group.config.find(option);
    if (value == group.config.end()) continue;
    std::string name = last_part(option);
    const bool shared =
        std::count_if(options.begin(), options.end(), [&](const auto& other) { return last_part(other) == name; }) > 1;
    if (shared) name = last_part(option.substr(0, option.rfind('.'))) + "." + name;
    const bool bare = std::holds_alternative<std::string>(value->second) && !shared;
    text += fmt::format(" {}{}{}", bare ? "" : name, bare ? "" : "=", short_value(value->second));
  }
  return text;
}

std::optional<double> finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

std::optional<double> as_number(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  if (const auto* real = std::get_if<double>(&found->second)) return finite(*real);
  if (const auto* integer = std::get_if<std::int64_t>(&found->second)) return static_cast<double>(*integer);
  return std::nullopt;
}

/// A text of the cell's provenance; empty where there is none.
std::string provenance_text(const StudyResult& study, const std::string& id, const std::string& key) {
  const auto text = study.provenance.find(id);
  if (text == study.provenance.end()) return "";
  const auto record = nlohmann::json::parse(text->second, nullptr, false);
  const auto field = record.is_object() ? record.find(key) : record.end();
  return field != record.end() && field->is_string() ? field->get<std::string>() : "";
}

/// "AMD (vae; 2 of 3 seeds of bn_vae), Intel (1 of 3 seeds of bn_vae)", "AMD (2 of 3 seeds of every row), ...": the
/// rows of every value of `property`; empty where there is but one value.
template <class Property>
std::string rows_by(const std::vector<Group>& groups, const Property& property) {
  std::map<std::string, std::map<std::string, std::vector<std::string>>> rows;  // by value and share of a row's seeds
  for (const auto& group : groups) {
    std::map<std::string, std::size_t> counts;
    for (const CellResult* cell : group.cells) ++counts[property(*cell)];
    counts.erase("");
    for (const auto& [value, count] : counts) {
      const auto share = counts.size() > 1 ? fmt::format("{} of {} seeds of ", count, group.cells.size()) : "";
      rows[value][share].push_back(group.label);
    }
  }
  std::vector<std::string> parts;
  for (const auto& [value, shares] : rows) {
    std::vector<std::string> whose;
    for (const auto& [share, labels] : shares) {
      const bool every = labels.size() > 1 && labels.size() == groups.size();
      whose.push_back(share + (every ? "every row" : fmt::format("{}", fmt::join(labels, "; "))));
    }
    parts.push_back(fmt::format("{} ({})", value, fmt::join(whose, "; ")));
  }
  return parts.size() < 2 ? "" : fmt::format("{}", fmt::join(parts, ", "));
}

/// The group's first cell, which is of the study's cells. One of the two lists is not empty.
const CellResult* first_place(const Group& group) {
  if (group.cells.empty() || group.diverged.empty()) return (group.cells.empty() ? group.diverged : group.cells)[0];
  return std::min(group.cells[0], group.diverged[0]);
}

/// Whether the run ended before the remedy's schedule did.
bool schedule_incomplete(const CellResult* cell) {
  const auto fact = cell->facts.find("schedule_complete");
  return fact != cell->facts.end() && fact->second == Value(false);
}

}  // namespace

std::string prior_of(const Group& group) {
  const auto name = group.config.find("model.prior.name");
  return name == group.config.end() ? "standard" : to_string(name->second);
}

std::string short_value(const Value& value) {
  std::string text = to_string(value);
  if (std::holds_alternative<double>(value)) {
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    if (text.rfind("0.", 0) == 0) text.erase(0, 1);
    if (text.rfind("-0.", 0) == 0) text.erase(1, 1);
  }
  constexpr std::size_t kLongest = 24;
  if (text.size() > kLongest) text.replace(0, text.size() - kLongest + 3, "...");
  return text;
}

std::vector<Group> group_cells(const StudyResult& study, const std::vector<std::string>& only,
                               std::set<std::string> ignored) {
  ignored.insert("seed");
  std::vector<std::string> methods;
  for (const auto& cell : study.cells) methods.push_back(cell.method);
  const auto styles = method_styles(methods);

  std::vector<Group> groups;
  std::map<std::pair<std::string, std::map<std::string, Value>>, std::size_t> places;  // of method and configuration
  for (const auto& cell : study.cells) {
    auto config = cell.config;
    for (const auto& name : ignored) config.erase(name);
    const auto [found, is_new] = places.try_emplace({cell.method, config}, groups.size());
    if (is_new) {
      Group& group = groups.emplace_back();
      group.method = cell.method;
      group.config = std::move(config);
      group.style = styles.at(cell.method);
    }
    Group& group = groups[found->second];
    (cell.status == CellStatus::done ? group.cells : group.diverged).push_back(&cell);
  }

  std::map<std::string, std::vector<Group*>> by_method;
  for (auto& group : groups) by_method[group.method].push_back(&group);
  for (const auto& [method, same] : by_method) {
    const auto options = telling_options(same);
    for (std::size_t i = 0; i < same.size(); ++i) {
      same[i]->telling = options;
      same[i]->row = same[i]->label = describe(*same[i], options);
      same[i]->style = variant(same[i]->style, i, same.size());
    }
  }
  std::vector<Selector> selectors;
  for (const auto& text : only) selectors.emplace_back(study, text);
  const auto is_selected = [&](const CellResult* cell) {
    return std::any_of(selectors.begin(), selectors.end(), [&](const auto& one) { return one.selects(*cell); });
  };
  if (!only.empty()) {
    for (Group& group : groups) {
      std::erase_if(group.cells, [&](const CellResult* cell) { return !is_selected(cell); });
      std::erase_if(group.diverged, [&](const CellResult* cell) { return !is_selected(cell); });
    }
    std::erase_if(groups, [](const Group& group) { return group.cells.empty() && group.diverged.empty(); });
    std::ranges::sort(groups, {}, first_place);
  }
  return groups;
}

std::int64_t cell_seed(const CellResult& cell) {
  return static_cast<std::int64_t>(option_number(cell, "seed").value_or(0));
}

std::optional<double> option_number(const CellResult& cell, const std::string& option) {
  return as_number(cell.config, option);
}

const FinalMetric* final_metric(const CellResult& cell, const std::string& split, const std::string& metric) {
  const auto metrics = cell.final.find(split);
  if (metrics == cell.final.end()) return nullptr;
  const auto found = metrics->second.find(metric);
  return found == metrics->second.end() || found->second.values.empty() ? nullptr : &found->second;
}

std::optional<double> final_scalar(const CellResult& cell, const std::string& split, const std::string& metric) {
  const auto cost = cell.cost.find(metric);
  if (cost != cell.cost.end()) return finite(cost->second);
  const FinalMetric* found = final_metric(cell, split, metric);
  return found && found->values.size() == 1 ? finite(found->values[0]) : std::nullopt;
}

std::optional<double> fact_number(const CellResult& cell, const std::string& name) {
  return as_number(cell.facts, name);
}

std::map<std::int64_t, double> final_by_seed(const Group& group, const std::string& split, const std::string& metric) {
  std::map<std::int64_t, double> by_seed;
  for (const CellResult* cell : group.cells) {
    if (const auto value = final_scalar(*cell, split, metric)) by_seed[cell_seed(*cell)] = *value;
  }
  return by_seed;
}

std::vector<double> values_of(const std::map<std::int64_t, double>& by_seed) {
  std::vector<double> values;
  for (const auto& [seed, value] : by_seed) values.push_back(value);
  return values;
}

std::string failure_reason(const StudyResult& study, const std::string& id) {
  if (provenance_text(study, id, "state") != "failed") return "";
  const std::string reason = provenance_text(study, id, "reason");
  return reason.empty() ? "unknown reason" : reason;
}

std::string failing_floor(const Group& group) {
  double r = 1, exact = 1, nominal = 1;  // of the worst cell
  for (const CellResult* cell : group.cells) {
    r = std::min(r, fact_number(*cell, "floor_r").value_or(r));
    const auto measured = fact_number(*cell, "kl_floor_measured"), promised = fact_number(*cell, "kl_floor_nominal");
    if (!measured || !promised || *measured * nominal >= exact * *promised) continue;
    exact = *measured;
    nominal = *promised;
  }
  if (r < kFloorInForce) return fmt::format("r = {:.3g}", r);
  if (exact < kFloorInForce * nominal) return fmt::format("{:.2g} of {:.2f} nats in training", exact, nominal);
  return "";
}

std::string failing_floors(const std::vector<Group>& groups) {
  std::vector<std::string> rows;
  for (const auto& group : groups) {
    if (const auto why = failing_floor(group); !why.empty()) rows.push_back(fmt::format("{} ({})", group.label, why));
  }
  return rows.empty() ? "" : fmt::format("floor not in force: {}", fmt::join(rows, ", "));
}

namespace {

/// "epochs 1 to 2 of 10" where the best ELBO chose, for some cell, an epoch of the first third; empty otherwise.
std::string early_epochs(const Group& group) {
  double first = 0, last = 0, trained = 0;
  bool early = false;
  for (const CellResult* cell : group.cells) {
    const auto selected = fact_number(*cell, "selected_epoch"), epochs = fact_number(*cell, "last_epoch");
    if (!selected || !epochs) continue;
    first = trained == 0 ? *selected : std::min(first, *selected);
    last = std::max(last, *selected);
    trained = std::max(trained, *epochs);
    early = early || 3 * *selected <= *epochs;
  }
  if (!early) return "";
  if (first == last) return fmt::format("epoch {} of {}", first, trained);
  return fmt::format("epochs {} to {} of {}", first, last, trained);
}

}  // namespace

std::vector<std::string> status_notes(const StudyResult& study, const std::vector<Group>& groups) {
  std::vector<std::string> notes;
  std::vector<std::string> diverged;
  std::vector<std::string> incomplete;
  std::vector<std::string> early;
  for (const auto& group : groups) {
    const auto share = [&](std::size_t count, std::size_t all) {
      return fmt::format("{} ({} of {})", group.label, count, all);
    };
    if (!group.diverged.empty()) {
      diverged.push_back(share(group.diverged.size(), group.diverged.size() + group.cells.size()));
    }
    const auto cut = std::count_if(group.cells.begin(), group.cells.end(), schedule_incomplete);
    if (const auto epochs = early_epochs(group); !epochs.empty())
      early.push_back(fmt::format("{} ({})", group.label, epochs));
    if (cut > 0) incomplete.push_back(share(static_cast<std::size_t>(cut), group.cells.size()));
  }
  if (auto note = failing_floors(groups); !note.empty()) notes.push_back(std::move(note));
  if (!diverged.empty()) notes.push_back(fmt::format("diverged, left out: {}", fmt::join(diverged, ", ")));
  if (!incomplete.empty()) notes.push_back(fmt::format("schedule not complete: {}", fmt::join(incomplete, ", ")));
  if (!early.empty())
    notes.push_back(fmt::format("the best ELBO is that of an early epoch: {}", fmt::join(early, ", ")));
  std::size_t failed = 0;
  for (const auto& id : study.missing) {
    if (!failure_reason(study, id).empty()) ++failed;
  }
  const auto cells = [](std::size_t count) { return fmt::format("{} cell{}", count, count == 1 ? "" : "s"); };
  if (failed > 0) notes.push_back(cells(failed) + " failed");
  if (study.missing.size() > failed) notes.push_back(cells(study.missing.size() - failed) + " missing");
  return notes;
}

std::vector<std::string> machine_notes(const StudyResult& study, const std::vector<Group>& groups) {
  std::vector<std::string> notes;
  const auto cpus = rows_by(groups, [&](const CellResult& cell) { return provenance_text(study, cell.id, "cpu"); });
  if (!cpus.empty()) notes.push_back("trained on different CPU types, which round differently: " + cpus);
  const auto precisions = rows_by(groups, [](const CellResult& cell) {
    const auto precision = cell.config.find("trainer.precision");
    return precision == cell.config.end() ? std::string() : to_string(precision->second);
  });
  if (!precisions.empty()) notes.push_back("trained in different precisions: " + precisions);
  return notes;
}

}  // namespace klbench
