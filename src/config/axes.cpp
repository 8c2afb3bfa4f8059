#include "config/axes.h"

#include <fmt/format.h>

#include <functional>
#include <span>

namespace klbench {

namespace {

void check_count(std::size_t count, const YamlNode& node) {
  if (count > kMaxCells) node.fail(fmt::format("expands to more than {} cells", kMaxCells));
}

/// The entries of a list; what is no list is its own only entry.
std::span<const YamlNode> entries_of(const YamlNode& node) {
  return node.is_sequence() ? std::span(node.items) : std::span(&node, 1);
}

/// The settings that a map of options stands for when options with several values expand; `set` adds one option.
std::vector<Settings> expand_options(
    const YamlNode& map, std::deque<YamlNode>& made,
    const std::function<void(Settings&, const YamlNode& key, const YamlNode& value)>& set) {
  std::vector<Settings> all(1);
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const auto values = axis_nodes(map.items[i], made);
    check_count(all.size() * values.size(), map);
    std::vector<Settings> next;
    for (const auto& settings : all) {
      for (const YamlNode* value : values) set(next.emplace_back(settings), map.keys[i], *value);
    }
    all = std::move(next);
  }
  return all;
}

std::vector<PartEntry> parse_part(const YamlNode& entry, const OptionNames& names, std::deque<YamlNode>& made) {
  if (entry.is_scalar()) return {{&names.regularizer(entry.text, entry.place), {}}};
  if (!entry.is_map()) entry.fail("a regularizer is a name, a map {name: ..., options} or a list of these");
  const YamlNode* name = entry.find("name");
  if (!name) entry.fail("a regularizer entry wants 'name'");
  const ComponentSpec& spec = names.regularizer(scalar_text(*name, "'name'"), name->place);
  const auto set = [&](Settings& given, const YamlNode& key, const YamlNode& value) {
    if (key.text == "name") return;
    const OptionSpec& option = OptionNames::option_of(spec, key.text, key.place);
    given[key.text] = {&value, key.place, option_value(option, value)};
  };
  std::vector<PartEntry> parts;
  for (auto& given : expand_options(entry, made, set)) parts.push_back({&spec, std::move(given)});
  return parts;
}

Axis regularizer_axis(const YamlNode& key, const YamlNode& node, const OptionNames& names, std::deque<YamlNode>& made) {
  Axis axis{key.text, key.place, {}};
  if (node.is_sequence() && node.items.empty()) node.fail("an axis needs at least one value");
  for (const auto& entry : entries_of(node)) {
    if (entry.is_sequence() && entry.items.empty()) entry.fail("a composition needs at least one regularizer");
    for (auto& composition : parse_compositions(entry, names, made))
      axis.values.push_back({{}, std::move(composition)});
  }
  return axis;
}

Axis data_axis(const YamlNode& key, const YamlNode& node, const OptionNames& names, std::deque<YamlNode>& made) {
  Axis axis{key.text, key.place, {}};
  const auto set = [&](Settings& settings, const YamlNode& option, const YamlNode& value) {
    const std::string name = "data." + option.text;
    settings[name] = names.setting(name, value, option.place);
  };
  for (const auto& entry : entries_of(node)) {
    if (entry.is_scalar()) {
      axis.values.push_back({{{"data.name", names.setting("data.name", entry, key.place)}}, {}});
    } else if (entry.is_map() && !entry.keys.empty()) {
      for (auto& settings : expand_options(entry, made, set)) axis.values.push_back({std::move(settings), {}});
    } else {
      entry.fail("a dataset is a name or a map {name: ..., options}");
    }
  }
  if (axis.values.empty()) node.fail("an axis needs at least one value");
  return axis;
}

Axis option_axis(const std::string& name, const Place& place, const YamlNode& node, const OptionNames& names,
                 std::deque<YamlNode>& made) {
  names.find(name, place);
  Axis axis{name, place, {}};
  for (const YamlNode* value : axis_nodes(node, made)) {
    axis.values.push_back({{{name, names.setting(name, *value, place)}}, {}});
  }
  return axis;
}

void add_axes(const YamlNode& map, const std::string& prefix, const OptionNames& names, std::deque<YamlNode>& made,
              std::vector<Axis>& axes) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = map.keys[i];
    const YamlNode& node = map.items[i];
    const std::string name = prefix + key.text;
    if (name == "regularizer") {
      axes.push_back(regularizer_axis(key, node, names, made));
    } else if (name == "data") {
      axes.push_back(data_axis(key, node, names, made));
    } else if (names.is_section(name) && node.is_map()) {
      add_axes(node, name + ".", names, made, axes);
    } else {
      axes.push_back(option_axis(name, key.place, node, names, made));
    }
  }
}

}  // namespace

std::vector<Composition> parse_compositions(const YamlNode& entry, const OptionNames& names,
                                            std::deque<YamlNode>& made) {
  std::vector<Composition> all = {{{}, entry.place}};
  for (const auto& item : entries_of(entry)) {
    const auto parts = parse_part(item, names, made);
    check_count(all.size() * parts.size(), entry);
    std::vector<Composition> next;
    for (const auto& composition : all) {
      for (const auto& part : parts) next.emplace_back(composition).parts.push_back(part);
    }
    all = std::move(next);
  }
  return all;
}

std::vector<Axis> parse_axes(const YamlNode& map, const OptionNames& names, std::deque<YamlNode>& made) {
  std::vector<Axis> axes;
  add_axes(map, "", names, made, axes);
  return axes;
}

}  // namespace klbench
