#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace klbench {

namespace {

/// "data.name" as an option: the default is the dataset that needs no file, where there is one.
OptionSpec data_name_spec(const Schema& schema) {
  OptionSpec spec{.name = "data.name", .default_value = std::string("synthetic"), .help = "dataset"};
  for (const auto& [key, component] : schema.datasets) spec.choices.push_back(key);
  if (!schema.datasets.empty() && !schema.datasets.contains("synthetic")) spec.default_value = spec.choices.front();
  return spec;
}

std::int64_t integer_item(const YamlNode& node) {
  const Value value = scalar_value(node);
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (!integer) node.fail("a range takes integers");
  return *integer;
}

double real_item(const YamlNode& node) {
  const Value value = scalar_value(node);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&value);
  if (!real) node.fail("a linspace takes numbers");
  return *real;
}

YamlNode scalar_at(const Place& place, const Value& value) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.place = place;
  node.text = to_string(value);
  return node;
}

void check_axis_size(const YamlNode& node, double size) {
  if (size < 1) node.fail("an axis needs at least one value");
  if (size > static_cast<double>(kMaxCells)) node.fail(fmt::format("more than {} values on one axis", kMaxCells));
}

std::vector<Value> range_values(const YamlNode& node) {
  if (!node.is_sequence() || node.items.size() < 2 || node.items.size() > 3) {
    node.fail("a range is [first, end] or [first, end, step]");
  }
  const std::int64_t first = integer_item(node.items[0]);
  const std::int64_t end = integer_item(node.items[1]);
  const std::int64_t step = node.items.size() == 3 ? integer_item(node.items[2]) : 1;
  if (step == 0) node.items[2].fail("the step of a range must not be 0");
  const double size = std::ceil((static_cast<double>(end) - static_cast<double>(first)) / static_cast<double>(step));
  check_axis_size(node, size);
  std::vector<Value> values;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(size); ++i) values.emplace_back(first + i * step);
  return values;
}

std::vector<Value> linspace_values(const YamlNode& node) {
  if (!node.is_sequence() || node.items.size() != 3) node.fail("a linspace is [first, last, count]");
  const double first = real_item(node.items[0]);
  const double last = real_item(node.items[1]);
  const std::int64_t count = integer_item(node.items[2]);
  check_axis_size(node, static_cast<double>(count));
  std::vector<Value> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
    values.emplace_back(std::stod(fmt::format("{:.12g}", first + (last - first) * share)));
  }
  return values;
}

void add_section(const YamlNode& map, const OptionNames& names, const std::string& prefix,
                 const std::vector<std::string>& known, Settings& out) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = map.keys[i];
    const YamlNode& item = map.items[i];
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string name = prefix + key.text;
    if (names.is_section(name)) {
      if (!item.is_map()) item.fail(fmt::format("section '{}' wants a map of its options", name));
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

void OptionNames::unknown(const std::string& name, const Place& place) const {
  const std::string section = name.substr(0, name.find('.'));
  std::vector<std::string> valid;
  if (section == "regularizer") {
    const std::string rest = name.size() > section.size() ? name.substr(section.size() + 1) : "";
    const std::size_t dot = rest.find('.');
    const ComponentSpec& spec = regularizer(rest.substr(0, dot), place);
    if (dot != std::string::npos) throw UsageError(place, unknown_option(spec, rest.substr(dot + 1)));
    throw UsageError(place, fmt::format("'{}' names no option; write regularizer.{}.<option>", name, spec.key));
  }
  for (const auto& [option, spec] : options_) {
    if (!sections_.contains(section) || option.starts_with(section + ".")) valid.push_back(option);
  }
  if (!sections_.contains(section)) valid.emplace_back("regularizer");
  if (section == "data") {
    for (const auto& [key, spec] : schema_->datasets) {
      for (const auto& option : spec.options) valid.push_back("data." + option.name);
    }
    std::sort(valid.begin(), valid.end());
    valid.erase(std::unique(valid.begin(), valid.end()), valid.end());
  }
  throw UsageError(place, unknown_name("option", name, valid));
}

const OptionSpec& OptionNames::data_option(const std::string& key, const std::string& name, const Place& place) const {
  return option_of(schema_->datasets.at(key), name, place);
}

const ComponentSpec& OptionNames::regularizer(const std::string& key, const Place& place) const {
  const auto found = schema_->regularizers.find(key);
  if (found != schema_->regularizers.end()) return found->second;
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

std::vector<const YamlNode*> axis_nodes(const YamlNode& node, std::deque<YamlNode>& made) {
  std::vector<const YamlNode*> out;
  if (node.is_sequence()) {
    check_axis_size(node, static_cast<double>(node.items.size()));
    for (const auto& item : node.items) out.push_back(&item);
  } else if (node.is_map()) {
    const YamlNode* range = node.find("range");
    const YamlNode* linspace = node.find("linspace");
    if (node.keys.size() != 1 || (!range && !linspace)) {
      node.fail("an axis is a list, {range: [first, end]} or {linspace: [first, last, count]}");
    }
    for (const Value& value : range ? range_values(*range) : linspace_values(*linspace)) {
      made.push_back(scalar_at(node.place, value));
      out.push_back(&made.back());
    }
  } else {
    out.push_back(&node);
  }
  return out;
}

}  // namespace klbench
