#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/number_forms.h"

namespace klbench {

namespace {

/// "data.name" as an option: the default is the dataset that needs no file, where there is one.
OptionSpec data_name_spec(const Schema& schema) {
  OptionSpec spec{.name = "data.name", .default_value = std::string("synthetic"), .help = "dataset"};
  for (const auto& [key, component] : schema.datasets) spec.choices.push_back(key);
  if (!schema.datasets.empty() && !schema.datasets.contains("synthetic")) spec.default_value = spec.choices.front();
  return spec;
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }  // npos + 1 is 0

/// `item` stands where a map of options is wanted.
[[noreturn]] void refuse_section(const YamlNode& item, const OptionNames& names, const std::string& section) {
  std::string form;
  if (const auto colon = item.text.find(':'); item.is_scalar() && colon != std::string::npos) {
    const std::string value = split_list(item.text.substr(colon + 1), ' ').front();
    form = fmt::format("; write {}: {}, with a blank", item.text.substr(0, colon), value);
  } else if (item.is_scalar() && names.any_like(section + ".name")) {
    form = fmt::format("; write {}: {{name: {}}}", section, item.text);
  }
  item.fail(fmt::format("section '{}' wants a map of its options{}", section, one_line(form)));
}

void add_section(const YamlNode& map, const OptionNames& names, const std::string& prefix,
                 const std::vector<std::string>& known, Settings& out) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = map.keys[i];
    const YamlNode& item = map.items[i];
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string name = prefix + key.text;
    if (names.is_section(name)) {
      if (!item.is_map()) refuse_section(item, names, name);
      add_section(item, names, name + ".", {}, out);
    } else if (!out.emplace(name, names.setting(name, item, key.place)).second) {
      key.fail(fmt::format("'{}' is set twice in this file", name));
    }
  }
}

}  // namespace

OptionNames::OptionNames(const Schema& schema) : schema_(&schema) {
  for (const auto& option : schema.options) options_.emplace(option.name, option);
  options_.emplace("data.name", data_name_spec(schema));
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
  if (name.starts_with("data.")) {
    const auto has = [&](const auto& entry) {
      const auto& options = entry.second.options;
      return std::any_of(options.begin(), options.end(),
                         [&](const auto& option) { return "data." + option.name == name; });
    };
    if (std::any_of(schema_->datasets.begin(), schema_->datasets.end(), has)) return nullptr;
  }
  unknown(name, place);
}

const OptionSpec* OptionNames::any_like(const std::string& name) const {
  if (const auto found = options_.find(name); found != options_.end()) return &found->second;
  if (const auto found = remedies_.find(name); found != remedies_.end()) return &found->second;
  for (const auto& [key, spec] : schema_->datasets) {
    for (const auto& option : spec.options) {
      if ("data." + option.name == name) return &option;
    }
  }
  return nullptr;
}

std::vector<std::string> OptionNames::all() const {
  std::set<std::string> names;
  for (const auto& [name, spec] : options_) names.insert(name);
  for (const auto& [name, spec] : remedies_) names.insert(name);
  for (const auto& [key, spec] : schema_->datasets) {
    for (const auto& option : spec.options) names.insert("data." + option.name);
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
    throw UsageError(place, fmt::format("unknown option '{}'; write {}: {}, with a blank", one_line(name),
                                        name.substr(0, mark), one_line(name.substr(mark + 1))));
  }
  if (section == "regularizer") {
    const std::string rest = name.size() > section.size() ? name.substr(section.size() + 1) : "";
    const std::size_t dot = rest.find('.');
    const ComponentSpec& spec = regularizer(rest.substr(0, dot), place);
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
  if (key == "lstm_lm") {
    throw UsageError(place, "'lstm_lm' is a model and no regularizer; set model.name to it");
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

Setting OptionNames::setting(const std::string& name, const YamlNode& node, const Place& key_place) const {
  const OptionSpec* spec = find(name, key_place);
  return {&node, key_place, spec ? option_value(*spec, node) : Value{}};
}

void add_settings(const YamlNode& map, const OptionNames& names, const std::vector<std::string>& known, Settings& out) {
  add_section(map, names, "", known, out);
}

void check_method(const YamlNode& node, const OptionNames& names) {
  const std::string& method = scalar_text(node, "'regularizer'");
  if (method == "lstm_lm") return;
  std::vector<std::string> valid;
  for (const auto& [key, spec] : names.schema().regularizers) valid.push_back(key);
  valid.emplace_back("lstm_lm");
  for (std::size_t start = 0; start <= method.size();) {
    const std::size_t end = std::min(method.find('+', start), method.size());
    const std::string key = method.substr(start, end - start);
    if (!names.schema().regularizers.contains(key)) node.fail(unknown_name("regularizer", key, valid));
    start = end + 1;
  }
}

void override_settings(Settings& lower, const Settings& upper) {
  const auto above = upper.find("data.name");
  const auto below = lower.find("data.name");
  if (above != upper.end() && below != lower.end() && above->second.value != below->second.value) {
    std::erase_if(lower, [](const auto& entry) { return entry.first.starts_with("data."); });
  }
  for (const auto& [name, setting] : upper) lower[name] = setting;
}

}  // namespace klbench
