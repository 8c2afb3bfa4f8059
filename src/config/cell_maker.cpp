#include "config/cell_maker.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/composition.h"
#include "config/user_path.h"

namespace klbench {

namespace {

bool is_language_model(const CellConfig& cell) { return cell.text("model.name") == "lstm_lm"; }

/// Value of an option of the cell; null when it has no such option.
const Value* find_value(const CellConfig& cell, const std::string& name) {
  if (const auto found = cell.values.find(name); found != cell.values.end()) return &found->second;
  for (const auto& part : cell.regularizer) {
    const std::string prefix = fmt::format("regularizer.{}.", part.key);
    if (!name.starts_with(prefix)) continue;
    const auto found = part.options.values().find(name.substr(prefix.size()));
    if (found != part.options.values().end()) return &found->second;
  }
  return nullptr;
}

Place place_of(const Settings& settings, const std::string& name, const Place& otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : found->second.node->place;
}

}  // namespace

CellMaker::CellMaker(const OptionNames& names, bool resolve_paths) : names_(names), resolve_paths_(resolve_paths) {
  for (const auto& option : names.schema().options) defaults_.emplace(option.name, option.default_value);
}

void CellMaker::resolve_data(CellConfig& cell, const Settings& settings) const {
  const auto named = settings.find("data.name");
  const Value key = named != settings.end() ? named->second.value : names_.find("data.name", {})->default_value;
  cell.values["data.name"] = key;
  const auto spec = names_.schema().datasets.find(std::get<std::string>(key));
  if (spec == names_.schema().datasets.end()) return;
  for (const auto& option : spec->second.options) cell.values["data." + option.name] = option.default_value;
  for (auto it = settings.lower_bound("data."); it != settings.end() && it->first.starts_with("data."); ++it) {
    const auto& [name, setting] = *it;
    if (name == "data.name") continue;
    const OptionSpec& option = OptionNames::option_of(spec->second, name.substr(5), setting.key_place);
    Value value = option_value(option, *setting.node);
    if (option.is_path && resolve_paths_ && !setting.node->text.empty()) {
      value = resolve_path(setting.node->text, setting.node->place).string();
    }
    cell.values[name] = std::move(value);
  }
}

CellConfig CellMaker::make(const Settings& settings, const Composition& composition, const Settings& above) const {
  CellConfig cell;
  cell.values = defaults_;
  for (const auto& [name, setting] : settings) {
    if (!name.starts_with("data.") && !name.starts_with("regularizer")) cell.values[name] = setting.value;
  }
  resolve_data(cell, settings);
  auto parts = composition.parts;
  make_canonical(parts, [](const PartEntry& part) -> const ComponentSpec& { return *part.spec; });
  for (const auto& part : parts) {
    std::map<std::string, Value> given;
    for (const auto& option : part.spec->options) {
      const std::string name = fmt::format("regularizer.{}.{}", part.spec->key, option.name);
      if (const auto found = settings.find(name); found != settings.end()) given[option.name] = found->second.value;
      if (const auto own = part.given.find(option.name); own != part.given.end())
        given[option.name] = own->second.value;
      if (const auto found = above.find(name); found != above.end()) given[option.name] = found->second.value;
    }
    cell.regularizer.push_back({part.spec->key, Options(*part.spec, given), part.spec->needs_batch_statistics});
  }
  return cell;
}

void CellMaker::finish(CellConfig& cell, const Settings& settings, const Composition& composition, bool asked) const {
  if (is_language_model(cell)) {
    for (const auto& part : composition.parts) {
      if (!asked || part.spec->key == "vae") continue;
      throw UsageError(composition.place,
                       fmt::format("'{}' cannot be used with model.name lstm_lm, which has no latent "
                                   "variable; give lstm_lm a grid of its own (sweep: a list of maps)",
                                   part.spec->key));
    }
    cell.regularizer.clear();
  } else if (composition.parts.empty()) {
    throw UsageError(composition.place, "lstm_vae needs a regularizer; the plain one is 'vae'");
  }
  if (cell.text("trainer.optimizer") == "adam" && cell.real("trainer.momentum") != 0) {
    throw UsageError(place_of(settings, "trainer.momentum", {}),
                     "trainer.momentum belongs to sgd; set it to 0 for adam");
  }
  if (cell.boolean("eval.mean_space") && cell.integer("model.latent_dim") != 1 && !is_language_model(cell)) {
    throw UsageError(
        place_of(settings, "eval.mean_space", composition.place),
        fmt::format("eval.mean_space wants model.latent_dim: 1, it is {} here", cell.integer("model.latent_dim")));
  }
  std::vector<const ComponentSpec*> specs;
  if (!is_language_model(cell)) {
    for (const auto& part : composition.parts) specs.push_back(part.spec);
  }
  try {
    check_composition(specs);
  } catch (const UsageError& error) {
    throw UsageError(composition.place, error.what());
  }
  if (cell.integer("trainer.batch_size") != 1 || cell.integer("trainer.accumulate") != 1) return;
  for (const auto* spec : specs) {
    if (!spec->needs_batch_statistics) continue;
    throw UsageError(place_of(settings, "trainer.batch_size", composition.place),
                     fmt::format("'{}' needs statistics over a batch, and trainer.batch_size is 1; raise it, or set "
                                 "trainer.accumulate, which makes one batch of several",
                                 spec->key));
  }
}

Exclusions::Exclusions(const YamlNode* node, const OptionNames& names) {
  if (!node) return;
  if (!node->is_sequence())
    node->fail("'exclude' wants a list of maps, e.g. [{regularizer: vae, model.latent_dim: 16}]");
  for (const auto& item : node->items) {
    if (!item.is_map() || item.keys.empty()) item.fail("an entry of 'exclude' is a map of options and values");
    auto& rule = rules_.emplace_back(Rule{item.place, {}});
    for (std::size_t i = 0; i < item.keys.size(); ++i) {
      Condition condition{item.keys[i].text, {}, {}};
      const YamlNode& value = item.items[i];
      if (!value.is_sequence()) condition.nodes.push_back(&value);
      for (const auto& element : value.items) condition.nodes.push_back(&element);
      const OptionSpec* spec = names.find(condition.name, item.keys[i].place);
      for (const YamlNode* element : condition.nodes) {
        if (condition.name == "regularizer") {
          check_method(*element, names);
          condition.values.emplace_back(canonical_method(element->text, names.schema()));
        } else if (spec) {
          condition.values.push_back(option_value(*spec, *element));
        } else {
          scalar_value(*element);
        }
      }
      rule.conditions.push_back(std::move(condition));
    }
  }
}

bool Exclusions::match(const Condition& condition, const CellConfig& cell) {
  if (condition.name == "regularizer") {
    const auto& methods = condition.values;
    return std::find(methods.begin(), methods.end(), Value(cell.method())) != methods.end();
  }
  const Value* value = find_value(cell, condition.name);
  if (!value) return false;
  if (!condition.values.empty()) {
    return std::find(condition.values.begin(), condition.values.end(), *value) != condition.values.end();
  }
  return std::any_of(condition.nodes.begin(), condition.nodes.end(), [&](const YamlNode* node) {
    const Value wanted = scalar_value(*node);
    const auto* integer = std::get_if<std::int64_t>(&wanted);
    if (const auto* real = std::get_if<double>(value); real && integer) return *real == static_cast<double>(*integer);
    return std::holds_alternative<std::string>(*value) ? std::get<std::string>(*value) == node->text : *value == wanted;
  });
}

bool Exclusions::match(const CellConfig& cell) {
  bool any = false;
  for (auto& rule : rules_) {
    const bool all = std::all_of(rule.conditions.begin(), rule.conditions.end(),
                                 [&](const Condition& condition) { return match(condition, cell); });
    rule.used = rule.used || all;
    any = any || all;
  }
  return any;
}

void Exclusions::check_used() const {
  for (const auto& rule : rules_) {
    if (!rule.used) throw UsageError(rule.place, "this exclude matches no cell");
  }
}

}  // namespace klbench
