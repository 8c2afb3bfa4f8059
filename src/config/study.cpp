#include "config/study.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/figures.h"
#include "config/grid.h"
#include "config/study_files.h"

namespace klbench {

namespace {

/// Refuses keys of a study file that are neither its own nor options.
void check_keys(const YamlNode& root, const OptionNames& names) {
  std::vector<std::string> valid = study_keys();
  valid.emplace_back("regularizer");
  for (const auto& option : names.schema().options) {
    const std::string name = option.name.substr(0, option.name.find('.'));
    if (std::find(valid.begin(), valid.end(), name) == valid.end()) valid.push_back(name);
  }
  if (names.is_section("data")) valid.emplace_back("data");
  for (const auto& key : root.keys) {
    const std::string name = key.text.substr(0, key.text.find('.'));
    if (std::find(valid.begin(), valid.end(), name) == valid.end()) key.fail(unknown_name("key", key.text, valid));
  }
}

/// The options that one file sets, at its top and under `set:`.
Settings file_settings(const YamlNode& root, const OptionNames& names) {
  check_keys(root, names);
  Settings settings;
  add_settings(root, names, study_keys(), settings);
  if (const YamlNode* set = root.find("set")) {
    if (!set->is_map()) set->fail("'set' wants a map, e.g. {trainer.epochs: 12}");
    add_settings(*set, names, {}, settings);
  }
  return settings;
}

std::vector<std::vector<Axis>> parse_sweep(const YamlNode* sweep, const OptionNames& names,
                                           std::deque<YamlNode>& made) {
  std::vector<std::vector<Axis>> grids;
  if (!sweep) return {{}};
  const auto add = [&](const YamlNode& map) {
    if (!map.is_map()) map.fail("'sweep' wants a map of axes, e.g. {seed: [0, 1]}, or a list of such maps");
    grids.push_back(parse_axes(map, names, made));
  };
  if (!sweep->is_sequence()) add(*sweep);
  for (const auto& item : sweep->items) {
    if (sweep->is_sequence()) add(item);
  }
  if (grids.empty()) sweep->fail("'sweep' wants at least one map of axes");
  return grids;
}

void set_place(YamlNode& node, const Place& place) {
  node.place = place;
  for (auto& key : node.keys) set_place(key, place);
  for (auto& item : node.items) set_place(item, place);
}

/// The axes of --set arguments; of two with the same name the later one counts.
std::vector<Axis> parse_settings(const std::vector<std::string>& settings, const OptionNames& names,
                                 std::deque<YamlNode>& made) {
  std::vector<Axis> axes;
  for (const auto& setting : settings) {
    const Place place{fmt::format("--set {}", one_line(setting)), 0, 0};
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) throw UsageError(place, "wants key=value");
    YamlNode map;
    map.kind = YamlNode::Kind::map;
    map.keys.emplace_back().text = setting.substr(0, equals);
    try {
      map.items.push_back(parse_yaml(setting.substr(equals + 1), "value"));
    } catch (const UsageError& error) {
      throw UsageError(place, error.what());
    }
    set_place(map, place);
    if (names.is_section(map.keys[0].text) && map.keys[0].text != "data" && !map.items[0].is_map()) {
      throw UsageError(place,
                       fmt::format("'{}' is a section; write {}.<option>=value", map.keys[0].text, map.keys[0].text));
    }
    made.push_back(std::move(map));
    for (auto& axis : parse_axes(made.back(), names, made)) {
      std::erase_if(axes, [&](const Axis& earlier) { return earlier.name == axis.name; });
      axes.push_back(std::move(axis));
    }
  }
  return axes;
}

}  // namespace

Study load_study(const std::filesystem::path& file, const std::vector<std::string>& settings, const Schema& schema) {
  const OptionNames names(schema);
  const std::vector<StudyFile> files = read_study_files(file);
  const StudyFile& own = files.back();
  std::deque<YamlNode> made;
  GridInput input;
  for (const auto& source : files) override_settings(input.base, file_settings(source.root, names));

  Study study;
  const YamlNode* name = own.root.find("study");
  if (!name) throw UsageError(own.root.place, "the key 'study', the name of the study, is missing");
  study.name = file_stem(*name, "'study'");
  study.file = file;
  study.text = own.text;
  study.plugins = plugin_paths(files);
  study.figures = parse_figures(own.root.find("figures"), names);

  const YamlNode* sweep = own.root.find("sweep");
  input.grids = parse_sweep(sweep, names, made);
  input.cli = parse_settings(settings, names, made);
  input.exclude = own.root.find("exclude");
  input.plugins = study.plugins;
  input.place = sweep ? sweep->place : own.root.place;
  study.cells = expand_grids(input, names, made);
  return study;
}

std::vector<std::string> study_plugins(const std::filesystem::path& file) {
  return plugin_paths(read_study_files(file));
}

CellConfig parse_cell(const std::string& yaml, const std::string& file_name, const Schema& schema) {
  const OptionNames names(schema);
  const YamlNode root = parse_yaml(yaml, file_name);
  if (!root.is_map()) root.fail("the configuration of a cell is a map");
  Settings settings;
  add_settings(root, names, {}, settings);
  std::deque<YamlNode> made;
  Composition composition{{}, root.place};
  if (const YamlNode* regularizer = root.find("regularizer")) {
    auto all = parse_compositions(*regularizer, names, made);
    if (all.size() != 1) regularizer->fail("a cell has one composition of regularizers");
    composition = std::move(all.front());
  }
  return single_cell(settings, composition, names);
}

}  // namespace klbench
