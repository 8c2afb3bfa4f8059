#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/cell_config.h"
#include "config/number_forms.h"
#include "config/option_name.h"
#include "config/yaml_hints.h"

namespace klbench {

namespace {

/// "data.name" and its like as an option.
OptionSpec name_spec(const Schema::Section& section) {
  OptionSpec spec{.name = section.name + ".name", .default_value = section.default_key, .help = section.what};
  for (const auto& [key, component] : *section.specs) spec.choices.push_back(key);
  if (!section.specs->contains(section.default_key)) spec.default_value = spec.choices.front();
  return spec;
}

/// "hidden_dim" of "model.encoder.hidden_dim", where `name` stands in the section.
std::string option_in(const std::string& section, const std::string& name) {
  return name.starts_with(section + ".") ? name.substr(section.size() + 1) : "";
}

/// The option of any component that has it; null where none does.
const OptionSpec* option_of_any(const ComponentSpecs& specs, const std::string& name) {
  for (const auto& [key, spec] : specs) {
    for (const auto& option : spec.options) {
      if (option.name == name) return &option;
    }
  }
  return nullptr;
}

/// `item` stands where a map of options is wanted.
[[noreturn]] void refuse_section(const YamlNode& item, const std::string& section) {
  std::string form;
  if (const auto colon = item.text.find(':'); item.is_scalar() && colon != std::string::npos) {
    const std::string value = split_list(item.text.substr(colon + 1), ' ').front();
    form = "; " + with_blank(item.text.substr(0, colon), value);
  }
  item.fail(fmt::format("section '{}' wants a map of its options{}", section, one_line(form)));
}

/// A scalar without a colon, which would be "name:value" with its blank forgotten.
bool is_word(const YamlNode& item) { return item.is_scalar() && item.text.find(':') == std::string::npos; }

void add_section(const YamlNode& map, const OptionNames& names, const std::string& prefix,
                 const std::vector<std::string>& known, Settings& out) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = map.keys[i];
    const YamlNode& item = map.items[i];
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string name = prefix + key.text;
    if (names.is_section(name) && !(names.component_section(name) && is_word(item))) {
      if (!item.is_map()) refuse_section(item, name);
      add_section(item, names, name + ".", {}, out);
      continue;
    }
    const std::string named = names.is_section(name) ? name + ".name" : name;  // data: wordnet
    for (auto& [option, setting] : names.setting(named, item, key.place)) {
      if (!out.emplace(option, setting).second) key.fail(fmt::format("'{}' is set twice in this file", option));
    }
  }
}

}  // namespace

OptionNames::OptionNames(const Schema& schema) : schema_(&schema) {
  for (const auto& option : schema.options) options_.emplace(option.name, option);
  for (const auto& section : schema.sections()) {
    if (section.specs->empty()) continue;
    components_.push_back(section);
    const OptionSpec name = name_spec(section);
    options_.emplace(name.name, name);
    sections_.emplace(section.name, name.name);
  }
  for (const auto& section : components_) {
    if (!section.shares) continue;
    for (const auto& [key, spec] : *section.specs) {
      for (const auto& option : spec.options) {
        const std::string name = "model." + option.name;
        if (!options_.contains(name)) shared_.emplace(name, option).first->second.name = name;
      }
    }
  }
  for (const auto& [key, spec] : schema.regularizers) {
    for (const auto& option : spec.options) {
      const std::string name = fmt::format("regularizer.{}.{}", key, option.name);
      remedies_.emplace(name, option).first->second.name = name;
    }
  }
  for (const auto& [name, option] : options_) {
    if (const auto dot = name.find('.'); dot != std::string::npos) sections_.emplace(name.substr(0, dot), name);
  }
}

const OptionSpec* OptionNames::find(const std::string& name, const Place& place) const {
  if (name == "regularizer") return nullptr;
  if (const auto found = options_.find(name); found != options_.end()) return &found->second;
  if (const auto found = remedies_.find(name); found != remedies_.end()) return &found->second;
  if (shared_.contains(name)) return nullptr;
  for (const auto& section : components_) {
    if (option_of_any(*section.specs, option_in(section.name, name))) return nullptr;
  }
  unknown(name, place);
}

const OptionSpec* OptionNames::any_like(const std::string& name) const {
  if (const auto found = options_.find(name); found != options_.end()) return &found->second;
  if (const auto found = remedies_.find(name); found != remedies_.end()) return &found->second;
  if (const auto found = shared_.find(name); found != shared_.end()) return &found->second;
  for (const auto& section : components_) {
    if (const auto* option = option_of_any(*section.specs, option_in(section.name, name))) return option;
  }
  return nullptr;
}

const Schema::Section* OptionNames::component_section(const std::string& name) const {
  for (const auto& section : components_) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

std::vector<std::string> OptionNames::expanded(const std::string& name) const {
  if (!shared_.contains(name)) return {name};
  std::vector<std::string> names;
  for (const auto& section : components_) {
    const std::string own = fmt::format("{}.{}", section.name, last_part(name));
    if (section.shares && any_like(own)) names.push_back(own);
  }
  return names;
}

std::vector<std::string> OptionNames::all() const {
  std::set<std::string> names;
  for (const auto& [name, spec] : options_) names.insert(name);
  for (const auto& [name, spec] : remedies_) names.insert(name);
  for (const auto& [name, spec] : shared_) names.insert(name);
  for (const auto& section : components_) {
    for (const auto& [key, spec] : *section.specs) {
      for (const auto& option : spec.options) names.insert(fmt::format("{}.{}", section.name, option.name));
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> OptionNames::suggestions(const std::string& name,
                                                  const std::vector<std::string>& valid) const {
  constexpr std::size_t kMost = 3;
  const auto names = all();
  const auto ending_in = [&](const std::string& end) {
    std::vector<std::string> out;
    for (const auto& option : names) {
      if (out.size() < kMost && ("." + option).ends_with("." + end)) out.push_back(option);
    }
    return out;
  };
  auto out = ending_in(name);
  if (out.empty()) out = ending_in(last_part(name));
  if (!out.empty()) return out;
  if (auto near = nearest_name(name, valid); !near.empty()) return {std::move(near)};
  std::vector<std::string> parts;
  for (const auto& option : names) parts.push_back(last_part(option));
  const std::string near = nearest_name(last_part(name), parts);
  return near.empty() ? out : ending_in(near);
}

void OptionNames::unknown(const std::string& name, const Place& place) const {
  const std::string section = name.substr(0, name.find('.'));
  if (const auto mark = name.find_first_of(":="); mark != std::string::npos && any_like(name.substr(0, mark))) {
    throw UsageError(place, fmt::format("unknown option '{}'; {}", one_line(name),
                                        with_blank(name.substr(0, mark), one_line(name.substr(mark + 1)))));
  }
  if (section == "regularizer") {
    const std::string rest = name.size() > section.size() ? name.substr(section.size() + 1) : "";
    const std::size_t dot = rest.find('.');
    const std::string key = rest.substr(0, dot);
    const ComponentSpec& spec = regularizer(key, place);
    if (dot != std::string::npos) throw UsageError(place, unknown_option(spec, rest.substr(dot + 1)));
    throw UsageError(place, fmt::format("'{}' names no option; write regularizer.{}.<option>", name, spec.key));
  }
  const bool in_section = sections_.contains(section);
  std::vector<std::string> valid;
  for (const auto& option : all()) {
    const bool of_all_studies = options_.contains(option);
    if (in_section ? option.starts_with(section + ".") : of_all_studies) valid.push_back(option);
  }
  if (!in_section) valid.emplace_back("regularizer");
  throw UsageError(place, unknown_name("option", name, valid, suggestions(name, valid)));
}

const ComponentSpec& OptionNames::regularizer(const std::string& key, const Place& place) const {
  const auto found = schema_->regularizers.find(key);
  if (found != schema_->regularizers.end()) return found->second;
  if (is_language_model(key)) {
    throw UsageError(place, fmt::format("'{}' is a model without z and no regularizer; set model.latent_dim: 0", key));
  }
  if (const auto open = key.find('('); open != std::string::npos && key.back() == ')') {
    std::string options = key.substr(open + 1, key.size() - open - 2);
    for (auto at = options.find('='); at != std::string::npos; at = options.find('=', at)) options.replace(at, 1, ": ");
    throw UsageError(place, fmt::format("unknown regularizer '{}'; write {{name: {}, {}}}", one_line(key),
                                        one_line(key.substr(0, open)), one_line(options)));
  }
  if (key.find_first_of(",;") != std::string::npos) {
    const auto names = split_list(key, key.find(',') != std::string::npos ? ',' : ';');
    throw UsageError(place, fmt::format("unknown regularizer '{}'; several are written [{}], under 'sweep:'",
                                        one_line(key), one_line(fmt::format("{}", fmt::join(names, ", ")))));
  }
  std::vector<std::string> keys;
  for (const auto& [name, spec] : schema_->regularizers) keys.push_back(name);
  throw UsageError(place, unknown_name("regularizer", key, keys));
}

const OptionSpec& OptionNames::option_of(const ComponentSpec& spec, const std::string& name, const Place& place) {
  for (const auto& option : spec.options) {
    if (option.name == name) return option;
  }
  throw UsageError(place, unknown_option(spec, name));
}

Settings OptionNames::setting(const std::string& name, const YamlNode& node, const Place& key_place) const {
  const OptionSpec* spec = find(name, key_place);
  const Setting setting{&node, key_place, spec ? option_value(*spec, node) : Value{}, shared_.contains(name)};
  Settings settings;
  for (const auto& option : expanded(name)) settings.emplace(option, setting);
  return settings;
}

void add_settings(const YamlNode& map, const OptionNames& names, const std::vector<std::string>& known, Settings& out) {
  add_section(map, names, "", known, out);
}

void check_method(const YamlNode& node, const OptionNames& names) {
  const std::string& method = scalar_text(node, "'regularizer'");
  std::vector<std::string> valid;
  for (const auto& [key, spec] : names.schema().regularizers) valid.push_back(key);
  for (const auto& [key, spec] : names.schema().decoders) {
    if (method == language_model_of(key)) return;
    valid.push_back(language_model_of(key));
  }
  for (std::size_t start = 0; start <= method.size();) {
    const std::size_t end = std::min(method.find('+', start), method.size());
    const std::string key = method.substr(start, end - start);
    if (!names.schema().regularizers.contains(key)) node.fail(unknown_name("regularizer", key, valid));
    start = end + 1;
  }
}

void override_settings(Settings& lower, const Settings& upper) {
  for (const std::string section : kComponentSections) {
    const auto above = upper.find(section + ".name");
    const auto below = lower.find(section + ".name");
    if (above == upper.end() || below == lower.end() || above->second.value == below->second.value) continue;
    std::erase_if(lower,
                  [&](const auto& entry) { return entry.first.starts_with(section + ".") && !entry.second.shared; });
  }
  for (const auto& [name, setting] : upper) lower[name] = setting;
}

}  // namespace klbench
