#include "config/command_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/number_forms.h"
#include "config/user_path.h"

namespace klbench {

namespace {

/// One argument as a map with one key.
YamlNode parse_setting(const std::string& setting) {
  const Place place{fmt::format("--set {}", one_line(setting)), 0, 0};
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    const std::size_t colon = setting.find(':');
    const bool yaml = equals == std::string::npos && colon != std::string::npos && colon > 0;
    if (!yaml) throw UsageError(place, "wants key=value");
    const std::string value = split_list(one_line(setting.substr(colon + 1)), '\n')[0];
    throw UsageError(place, fmt::format("wants key=value: write {}={}", one_line(setting.substr(0, colon)),
                                        value.empty() ? "VALUE, without a blank" : value));
  }
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.keys.push_back(plain_scalar(setting.substr(0, equals), place));
  const std::string text = setting.substr(equals + 1);
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos || std::string_view("[{\"'").find(text[first]) == std::string_view::npos) {
    map.items.push_back(plain_scalar(text, place));
  } else {
    try {
      map.items.push_back(parse_yaml(text, "value"));
    } catch (const UsageError& error) {
      throw UsageError(place, error.what());
    }
  }
  set_place(map, place);
  return map;
}

/// Refuses a section where an option is wanted, and two settings in one argument.
void check_setting(const YamlNode& map, const OptionNames& names) {
  const std::string& key = map.keys[0].text;
  const YamlNode& value = map.items[0];
  if (names.is_section(key) && !names.component_section(key) && !value.is_map()) {
    const bool named = names.any_like(key + ".name") && value.is_scalar();
    map.fail(named ? fmt::format("'{0}' is a section; write {0}.name={1}, or {0}.<option>=value", key, value.text)
                   : fmt::format("'{0}' is a section; write {0}.<option>=value", key));
  }
  const auto parts = value.is_scalar() && !value.quoted ? split_list(value.text, ',') : std::vector<std::string>{};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string name = parts[i].substr(0, parts[i].find('='));
    if (name == parts[i] || !names.any_like(name)) continue;
    map.fail(fmt::format("one --set takes one key; write --set {}={} --set {}", key, one_line(parts[i - 1]),
                         one_line(parts[i])));
  }
}

/// Whether an option of the map names a file, and its value is one or a list.
bool resolve_paths(YamlNode& map, const std::string& prefix, const OptionNames& names) {
  bool any = false;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    YamlNode& value = map.items[i];
    const std::string name = prefix + map.keys[i].text;
    const OptionSpec* spec = names.any_like(name);
    if (value.is_map()) any = resolve_paths(value, name + ".", names) || any;
    for (auto& item : value.items) {
      if (value.is_sequence() && item.is_map()) any = resolve_paths(item, name + ".", names) || any;
    }
    if (!spec || !spec->is_path) continue;
    const auto resolve = [&](YamlNode& node) {
      if (!node.is_scalar() || node.text.empty()) return;
      node.text = resolve_path(node.text, node.place).string();
      any = true;
    };
    resolve(value);
    for (auto& item : value.items) resolve(item);
  }
  return any;
}

}  // namespace

std::vector<Axis> parse_command_settings(const std::vector<std::string>& settings, const OptionNames& names,
                                         std::deque<YamlNode>& made) {
  std::vector<Axis> axes;
  for (const auto& setting : settings) {
    made.push_back(parse_setting(setting));
    check_setting(made.back(), names);
    for (auto& axis : parse_axes(made.back(), names, made)) {
      std::erase_if(axes, [&](const Axis& earlier) { return earlier.name == axis.name; });
      axes.push_back(std::move(axis));
    }
  }
  return axes;
}

std::vector<std::string> absolute_settings(const std::vector<std::string>& settings, const OptionNames& names) {
  std::vector<std::string> out;
  for (const auto& setting : settings) {
    YamlNode map = parse_setting(setting);
    const bool changed = resolve_paths(map, "", names);
    const YamlNode& value = map.items[0];
    if (changed) {
      out.push_back(fmt::format("{}={}", map.keys[0].text, value.is_scalar() ? value.text : flow_text(value)));
    } else {
      out.push_back(setting);
    }
  }
  return out;
}

}  // namespace klbench
