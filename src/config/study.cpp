#include "config/study.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/cell_rules.h"
#include "config/command_settings.h"
#include "config/composition.h"
#include "config/figure_keys.h"
#include "config/figures.h"
#include "config/grid.h"
#include "config/study_files.h"
#include "config/user_path.h"
#include "config/yaml_hints.h"

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
    if (std::find(valid.begin(), valid.end(), name) != valid.end()) continue;
    key.fail(unknown_name("key", key.text, valid, names.suggestions(key.text, valid)));
  }
}

[[noreturn]] void refuse_no_map(const YamlNode& node, const std::string& what) {
  const std::string right = node.is_scalar() ? unspaced_colon(node.text) : "";
  throw UsageError(node.place, right.empty() ? what : fmt::format("{}; {}", what, right));
}

/// The options that one file sets, at its top and under `set:`.
Settings file_settings(const YamlNode& root, const OptionNames& names) {
  check_keys(root, names);
  Settings settings;
  add_settings(root, names, study_keys(), settings);
  if (const YamlNode* set = root.find("set")) {
    if (!set->is_map()) refuse_no_map(*set, "'set' wants a map, e.g. {trainer.epochs: 12}");
    add_settings(*set, names, {}, settings);
  }
  return settings;
}

std::vector<std::vector<Axis>> parse_sweep(const YamlNode* sweep, const OptionNames& names,
                                           std::deque<YamlNode>& made) {
  std::vector<std::vector<Axis>> grids;
  if (!sweep) return {{}};
  const auto add = [&](const YamlNode& map) {
    if (!map.is_map()) refuse_no_map(map, "'sweep' wants a map of axes, e.g. {seed: [0, 1]}, or a list of such maps");
    grids.push_back(parse_axes(map, names, made));
  };
  if (!sweep->is_sequence()) add(*sweep);
  for (const auto& item : sweep->items) {
    if (sweep->is_sequence()) add(item);
  }
  if (grids.empty()) sweep->fail("'sweep' wants at least one map of axes");
  return grids;
}

/// A name that STUDY on the command line can be.
std::string study_name(const YamlNode& root) {
  const YamlNode* node = root.find("study");
  if (!node) throw UsageError(root.place, "the key 'study', the name of the study, is missing: write study: NAME");
  const std::string& name = file_stem(*node, "'study'");
  if (const std::string suffix = file_suffix(name); suffix == ".yaml" || suffix == ".yml" || suffix == ".h5") {
    node->fail(fmt::format("a study called '{}' could not be told from a file; write study: {}", name,
                           name.substr(0, name.size() - suffix.size())));
  }
  return name;
}

/// `baseline`: a method, or the label of one of its rows, whose first word is the method.
void read_baseline(const YamlNode* node, const OptionNames& names, Study& study) {
  if (!node) return;
  const std::string& label = scalar_text(*node, "'baseline'");
  const std::size_t blank = std::min(label.find(' '), label.size());
  YamlNode method = *node;
  method.text = label.substr(0, blank);
  check_method(method, names);
  study.baseline = canonical_method(method.text, names.schema()) + label.substr(blank);
  study.baseline_place = node->place;
}

std::vector<DataPlace> places_of_data(const GridInput& input, const OptionNames& names) {
  std::vector<DataPlace> places;
  const auto absolute = [](const std::string& text, const Place& place) {
    try {
      return resolve_path(text, place).string();
    } catch (const UsageError&) {  // of a variable that is not set; no cell need have it
      return text;
    }
  };
  const auto add = [&](const Settings& settings) {
    for (const auto& [name, setting] : settings) {
      if (!name.starts_with("data.") || !setting.node->is_scalar()) continue;
      const OptionSpec* spec = names.any_like(name);
      const std::string& text = setting.node->text;
      const Place& place = setting.node->place;
      const bool is_path = spec && spec->is_path && !text.empty();
      places.push_back({name, is_path ? absolute(text, place) : text, place});
    }
  };
  const auto add_axes = [&](const std::vector<Axis>& axes) {
    for (const auto& axis : axes) {
      for (const auto& value : axis.values) add(value.settings);
    }
  };
  add(input.base);
  for (const auto& grid : input.grids) add_axes(grid);
  add_axes(input.cli);
  return places;
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
  study.name = study_name(own.root);
  study.file = file;
  study.text = own.text;
  if (const YamlNode* displayed = own.root.find("names")) {
    study.names = parse_names(*displayed);
    for (const auto& key : displayed->keys) study.name_places[key.text] = key.place;
  }
  study.figures = parse_figures(own.root.find("figures"), names, study.names);
  read_baseline(own.root.find("baseline"), names, study);
  for (const auto& source : files) {
    if (const YamlNode* launcher = source.root.find("launcher")) study.launcher = *launcher;
  }

  const YamlNode* sweep = own.root.find("sweep");
  input.grids = parse_sweep(sweep, names, made);
  input.cli = parse_command_settings(settings, names, made);
  study.settings = absolute_settings(settings, names);
  study.data_places = places_of_data(input, names);
  input.exclude = own.root.find("exclude");
  input.place = sweep ? sweep->place : own.root.place;
  study.cells = expand_grids(input, names, made);
  study.tags = tags_of(study.cells, own.root.find("tags"), names, !settings.empty());
  return study;
}

std::vector<PluginPath> study_plugins(const std::filesystem::path& file) {
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
