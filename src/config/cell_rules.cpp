#include "config/cell_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/composition.h"

namespace klbench {

namespace {

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

/// A tag stands in lists of them and behind `tag=`.
void check_tag(const YamlNode& key) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  if (!key.text.empty() && std::all_of(key.text.begin(), key.text.end(), plain)) return;
  key.fail(fmt::format("a tag is a word of A-Z a-z 0-9 _ . -; got '{}'", one_line(key.text)));
}

}  // namespace

CellRules::Condition CellRules::condition_of(const YamlNode& key, const YamlNode& value, const OptionNames& names) {
  Condition condition{key.text, names.expanded(key.text), {}, {}};
  if (!value.is_sequence()) condition.nodes.push_back(&value);
  for (const auto& element : value.items) condition.nodes.push_back(&element);
  const OptionSpec* spec = names.find(condition.name, key.place);
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
  return condition;
}

void CellRules::add(const YamlNode& map, const std::string& what, const OptionNames& names) {
  if (!map.is_map() || map.keys.empty()) map.fail(fmt::format("an entry of '{}' is a map of options and values", what));
  auto& rule = rules_.emplace_back(Rule{map.place, what, {}});
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    rule.conditions.push_back(condition_of(map.keys[i], map.items[i], names));
  }
}

bool CellRules::match(const Condition& condition, const CellConfig& cell) {
  if (condition.name == "regularizer") {
    const auto& methods = condition.values;
    return std::find(methods.begin(), methods.end(), Value(cell.method())) != methods.end();
  }
  const Value* value = nullptr;
  for (const auto& option : condition.options) value = value ? value : find_value(cell, option);
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

bool CellRules::match(const CellConfig& cell) {
  bool any = false;
  for (auto& rule : rules_) {
    const bool all = std::all_of(rule.conditions.begin(), rule.conditions.end(),
                                 [&](const Condition& condition) { return match(condition, cell); });
    rule.used = rule.used || all;
    any = any || all;
  }
  return any;
}

void CellRules::check_used() const {
  for (const auto& rule : rules_) {
    if (!rule.used) throw UsageError(rule.place, fmt::format("this {} matches no cell", rule.what));
  }
}

CellRules exclusions(const YamlNode* node, const OptionNames& names) {
  CellRules rules;
  if (!node) return rules;
  if (!node->is_sequence())
    node->fail("'exclude' wants a list of maps, e.g. [{regularizer: vae, model.latent_dim: 16}]");
  for (const auto& item : node->items) rules.add(item, "exclude", names);
  return rules;
}

std::vector<std::vector<std::string>> tags_of(const std::vector<CellConfig>& cells, const YamlNode* node,
                                              const OptionNames& names, bool narrowed) {
  std::vector<std::vector<std::string>> tags(cells.size());
  if (!node) return tags;
  if (!node->is_map())
    node->fail("'tags' wants a map of names and cells, e.g. {headline: {regularizer: [vae, bn_vae]}}");
  std::map<std::string, CellRules> by_name;
  for (std::size_t i = 0; i < node->keys.size(); ++i) {
    check_tag(node->keys[i]);
    CellRules& rules = by_name[node->keys[i].text];
    const YamlNode& about = node->items[i];
    if (!about.is_sequence()) rules.add(about, "tags", names);
    for (const auto& item : about.items) {
      if (about.is_sequence()) rules.add(item, "tags", names);
    }
  }
  for (auto& [name, rules] : by_name) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (rules.match(cells[i])) tags[i].push_back(name);
    }
    if (!narrowed) rules.check_used();
  }
  return tags;
}

}  // namespace klbench
