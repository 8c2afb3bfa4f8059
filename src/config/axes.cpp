#include "config/axes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <span>

#include "config/axis_values.h"
#include "config/number_forms.h"

namespace klbench {

namespace {

void check_count(std::size_t count, const YamlNode& node) {
  if (count > kMaxCells) node.fail(fmt::format("expands to more than {} cells", kMaxCells));
}

/// The entries of a list; what is no list is its own only entry.
std::span<const YamlNode> entries_of(const YamlNode& node) {
  return node.is_sequence() ? std::span(node.items) : std::span(&node, 1);
}

/// Scalars at `place`, in `made`.
std::vector<const YamlNode*> scalars(const std::vector<std::string>& texts, const Place& place,
                                     std::deque<YamlNode>& made) {
  std::vector<const YamlNode*> out;
  for (const auto& text : texts) out.push_back(&made.emplace_back(plain_scalar(text, place)));
  return out;
}

/// The settings that a map of options stands for when options with several values expand; `spec_of` an option (null: it
/// is not known yet), `set` adds one.
std::vector<Settings> expand_options(
    const YamlNode& map, std::deque<YamlNode>& made,
    const std::function<const OptionSpec*(const YamlNode& key)>& spec_of,
    const std::function<void(Settings&, const YamlNode& key, const YamlNode& value)>& set) {
  std::vector<Settings> all(1);
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const auto values = axis_nodes(map.items[i], spec_of(map.keys[i]), made);
    check_count(all.size() * values.size(), map);
    std::vector<Settings> next;
    for (const auto& settings : all) {
      for (const YamlNode* value : values) set(next.emplace_back(settings), map.keys[i], *value);
    }
    all = std::move(next);
  }
  return all;
}

/// Refuses an entry without a name, {bn_vae: {gamma: 0.4}}.
[[noreturn]] void refuse_nameless(const YamlNode& entry, const OptionNames& names) {
  std::string form;
  if (entry.keys.size() == 1 && names.schema().regularizers.contains(entry.keys[0].text)) {
    const std::string options = entry.items[0].is_map() ? flow_text(entry.items[0]) : "{}";
    form = fmt::format(": write {{name: {}{}{}}}", entry.keys[0].text, options == "{}" ? "" : ", ",
                       options.substr(1, options.size() - 2));
  }
  entry.fail("a regularizer entry wants 'name'" + form);
}

std::vector<PartEntry> parse_part(const YamlNode& entry, const OptionNames& names, std::deque<YamlNode>& made) {
  if (entry.is_scalar()) return {{&names.regularizer(entry.text, entry.place), {}}};
  if (!entry.is_map()) entry.fail("a regularizer is a name, a map {name: ..., options} or a list of these");
  const YamlNode* name = entry.find("name");
  if (!name) refuse_nameless(entry, names);
  const std::string& key = scalar_text(*name, "'name'");
  if (key.find('+') != std::string::npos) {
    name->fail(fmt::format("a composition with options is a list: write [{{name: {}, ...}}]",
                           fmt::join(split_list(key, '+'), ", ...}, {name: ")));
  }
  const ComponentSpec& spec = names.regularizer(key, name->place);
  const auto spec_of = [&](const YamlNode& option) {
    return option.text == "name" ? nullptr : &OptionNames::option_of(spec, option.text, option.place);
  };
  const auto set = [&](Settings& given, const YamlNode& option, const YamlNode& value) {
    if (option.text == "name") return;
    given[option.text] = {&value, option.place, option_value(*spec_of(option), value)};
  };
  std::vector<PartEntry> parts;
  for (auto& given : expand_options(entry, made, spec_of, set)) parts.push_back({&spec, std::move(given)});
  return parts;
}

Axis regularizer_axis(const YamlNode& key, const YamlNode& node, const OptionNames& names, std::deque<YamlNode>& made) {
  Axis axis{key.text, key.place, {}};
  if (node.is_sequence() && node.items.empty()) node.fail("an axis needs at least one value");
  std::vector<const YamlNode*> entries;
  for (const auto& entry : entries_of(node)) entries.push_back(&entry);
  const auto commas = node.is_scalar() ? split_list(node.text, ',') : std::vector<std::string>{};
  if (commas.size() > 1 && node.text.find('(') == std::string::npos) entries = scalars(commas, node.place, made);
  for (const YamlNode* entry : entries) {
    if (entry->is_sequence() && entry->items.empty()) entry->fail("a composition needs at least one regularizer");
    for (auto& composition : parse_compositions(*entry, names, made))
      axis.values.push_back({{}, std::move(composition)});
  }
  return axis;
}

/// Whole entries of a section that holds one component: names, and maps {name: ..., options}.
Axis component_axis(const Schema::Section& section, const YamlNode& key, const YamlNode& node, const OptionNames& names,
                    std::deque<YamlNode>& made) {
  Axis axis{section.name, key.place, {}};
  const std::string prefix = section.name + ".";
  const auto set = [&](Settings& settings, const YamlNode& option, const YamlNode& value) {
    settings.merge(names.setting(prefix + option.text, value, option.place));
  };
  const auto spec_of = [&](const YamlNode& option) { return names.any_like(prefix + option.text); };
  for (const auto& entry : entries_of(node)) {
    if (entry.is_scalar()) {
      for (const YamlNode* name : axis_nodes(entry, names.any_like(prefix + "name"), made))
        axis.values.push_back({names.setting(prefix + "name", *name, key.place), {}});
    } else if (entry.is_map() && !entry.keys.empty()) {
      for (auto& settings : expand_options(entry, made, spec_of, set)) axis.values.push_back({std::move(settings), {}});
    } else {
      entry.fail(fmt::format("a value of '{}' is a name or a map {{name: ..., options}}", section.name));
    }
  }
  if (axis.values.empty()) node.fail("an axis needs at least one value");
  return axis;
}

Axis option_axis(const std::string& name, const Place& place, const YamlNode& node, const OptionNames& names,
                 std::deque<YamlNode>& made) {
  names.find(name, place);
  Axis axis{name, place, {}};
  for (const YamlNode* value : axis_nodes(node, names.any_like(name), made)) {
    axis.values.push_back({names.setting(name, *value, place), {}});
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
    } else if (const auto* section = names.component_section(name); section && !node.is_map()) {
      axes.push_back(component_axis(*section, key, node, names, made));
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
  std::vector<const YamlNode*> items;
  for (const auto& item : entries_of(entry)) {
    const auto parts = item.is_scalar() ? split_list(item.text, '+') : std::vector<std::string>{};
    for (const YamlNode* part : parts.size() > 1 ? scalars(parts, item.place, made) : std::vector{&item})
      items.push_back(part);
  }
  for (const YamlNode* item : items) {
    const auto parts = parse_part(*item, names, made);
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
