#include "launch/registry.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <map>

#include "core/error.h"
#include "launch/batch_launcher.h"
#include "launch/local_launcher.h"

namespace klbench {

namespace {

const LauncherRegistrar kLocal({{.key = "local",
                                 .summary = "processes of this machine, which end with the run",
                                 .options = {{.name = "gpus",
                                              .default_value = 0,
                                              .help = "cards that cells are dealt to, several cells a card where there "
                                                      "are more workers; 0: a cell sees all of them",
                                              .min = 0,
                                              .max = 4096}}},
                                [](const Options& options, const LauncherRequest&) {
                                  return make_local_launcher(static_cast<std::size_t>(options.integer("gpus")));
                                },
                                nullptr});

/// One option of `spec` from a node: a scalar, or for a text a list of them, one a line.
Value launcher_value(const OptionSpec& option, const YamlNode& node) {
  if (!node.is_sequence() || option.type() != OptionType::text) return option_value(option, node);
  std::string lines;
  for (const auto& item : node.items) lines += scalar_text(item, fmt::format("'{}'", option.name)) + "\n";
  return lines;
}

/// The options of a map but `name`, over those that are there.
void add_options(const YamlNode& map, const ComponentSpec& spec, std::map<std::string, Value>& values) {
  if (map.is_scalar() || map.kind == YamlNode::Kind::null) return;
  if (!map.is_map()) map.fail("a launcher is a name or a map, e.g. {name: slurm, time: 2:00:00}");
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const std::string& name = map.keys[i].text;
    if (name == "name") continue;
    const OptionSpec* found = nullptr;
    for (const auto& option : spec.options) {
      if (option.name == name) found = &option;
    }
    if (!found) map.keys[i].fail(unknown_option(spec, name));
    values[name] = launcher_value(*found, map.items[i]);
  }
}

/// 0 for auto.
std::size_t cells_per_task(const Options& options) {
  const std::string& text = options.text("cells_per_task");
  if (text == "auto") return 0;
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count >= 1 && count <= 1000000) return count;
  throw UsageError(
      fmt::format("launcher option cells_per_task wants auto or a number of cells, got '{}'", one_line(text)));
}

/// What a node names; empty: nothing.
std::string name_of(const YamlNode& node) {
  if (node.is_scalar()) return node.text;
  const YamlNode* name = node.is_map() ? node.find("name") : nullptr;
  return name ? scalar_text(*name, "'name'") : "";
}

}  // namespace

LauncherRegistry& LauncherRegistry::instance() {
  static LauncherRegistry registry;
  return registry;
}

LauncherEntry batch_launcher_entry(ComponentSpec spec,
                                   std::function<std::unique_ptr<BatchSystem>(const Options&)> system) {
  spec.options.push_back(
      {.name = "cells_per_task",
       .default_value = "auto",
       .help = "cells that a task works through, a number; auto: as few as leave at most 256 tasks"});
  spec.options.push_back({.name = "poll_seconds",
                          .default_value = 5.0,
                          .help = "between two questions to the batch system",
                          .min = 0.1,
                          .max = 3600});
  const auto checked = [system](const Options& options) {
    cells_per_task(options);
    return system(options);
  };
  const auto make = [checked](const Options& options, const LauncherRequest& request) {
    return make_batch_launcher(checked(options),
                               {std::filesystem::absolute(request.jobs), request.study, request.program,
                                cells_per_task(options), options.real("poll_seconds")});
  };
  return {std::move(spec), make, checked};
}

LauncherChoice choose_launcher(const std::string& named, const YamlNode* study, const YamlNode* own,
                               const std::vector<std::string>& settings) {
  const std::string of_study = study ? name_of(*study) : "";
  std::string name = !named.empty() ? named : of_study;
  if (study && study->is_map() && of_study.empty() && named.empty())
    study->fail("'launcher' has no name: write launcher: {name: slurm, ...}");
  if (name.empty()) name = "local";
  const YamlNode* mine = own && own->is_map() ? own->find(name) : nullptr;
  LauncherChoice choice;
  choice.key = mine && !name_of(*mine).empty() ? name_of(*mine) : name;
  const auto& known = LauncherRegistry::instance().entries();
  if (!known.contains(choice.key)) {
    std::vector<std::string> valid;
    for (const auto& [key, entry] : known) valid.push_back(key);
    for (std::size_t i = 0; own && i < own->keys.size(); ++i) valid.push_back(own->keys[i].text);
    const std::string what = unknown_name("launcher", choice.key, valid);
    if (choice.key != name) mine->fail(what);
    if (named.empty() && study) study->fail(what);
    throw UsageError(what);
  }
  const ComponentSpec& spec = choice.entry().spec;
  std::map<std::string, Value> values;
  if (mine) add_options(*mine, spec, values);
  if (study && (of_study == name || of_study.empty())) add_options(*study, spec, values);
  for (const auto& setting : settings) {
    const std::size_t equals = setting.find('=');
    const Place place{"--launcher-option " + setting, 0, 0};
    if (equals == std::string::npos) throw UsageError(place, "wants NAME=VALUE, e.g. time=2:00:00");
    YamlNode map;
    map.kind = YamlNode::Kind::map;
    map.place = place;
    map.keys.push_back(plain_scalar(setting.substr(0, equals), place));
    map.items.push_back(plain_scalar(setting.substr(equals + 1), place));
    add_options(map, spec, values);
  }
  choice.options = Options(spec, values);
  return choice;
}

std::filesystem::path launchers_file() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config && *config) return std::filesystem::path(config) / "klbench" / "launchers.yaml";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : ".") / ".config" / "klbench" / "launchers.yaml";
}

}  // namespace klbench
