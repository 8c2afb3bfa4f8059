#include "sweep/open_study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/yaml_reader.h"
#include "core/error.h"
#include "core/files.h"
#include "sweep/labels.h"

namespace klbench {

StudySource read_source(const std::filesystem::path& file, const std::vector<std::string>& settings,
                        const std::vector<std::string>& plugins) {
  auto paths = study_plugins(file);
  for (const auto& plugin : plugins) {
    const std::string path = std::filesystem::absolute(plugin).lexically_normal().string();
    const auto same = [&](const PluginPath& other) { return other.path == path; };
    if (std::none_of(paths.begin(), paths.end(), same)) paths.push_back({path, {"--plugin"}});
  }
  StudySource source;
  source.plugins = probe_plugins(paths);
  source.study = load_study(file, settings, full_schema(brought_by(source.plugins)));
  return source;
}

Plan plan_study(StudySource source) {
  std::map<std::string, std::string> hashes;
  for (const auto& plugin : source.plugins) {
    for (const auto& kind : kComponentKinds) {
      for (const auto& [key, spec] : plugin.brings.*kind.member) hashes[component_fact(kind, key)] = plugin.hash;
    }
  }
  return make_plan(std::move(source.study), hashes);
}

std::vector<CellTask> plan_tasks(const Plan& plan) {
  std::vector<const CellConfig*> configs;
  for (const auto& cell : plan.cells) configs.push_back(&cell.config);
  const auto labels = cell_labels(configs);
  std::vector<CellTask> tasks;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& [id, config, identity, tags] = plan.cells[i];
    tasks.push_back(
        {id, labels[i], config.canonical() + identity_comments(identity), kept_files(config), identity, tags});
  }
  return tasks;
}

void write_plan_record(const std::filesystem::path& path, const PlanRecord& record) {
  auto cells = nlohmann::json::array();
  for (const auto& cell : record.cells) {
    cells.push_back({{"id", cell.id}, {"label", cell.label}});
    if (!cell.tags.empty()) cells.back()["tags"] = cell.tags;
  }
  const nlohmann::json json = {{"file", record.file},
                               {"settings", record.settings},
                               {"plugins", record.plugins},
                               {"folder", std::filesystem::absolute(folder_of(path)).string()},
                               {"cells", std::move(cells)}};
  write_file_durably(path, json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

PlanRecord read_plan_record(const ResultsLayout& layout) {
  const auto text = read_file_if_there(layout.plan());
  if (!text) {
    throw UsageError(fmt::format("no study '{}' in {}: give its YAML file, or --results", one_line(layout.study),
                                 layout.root.string()));
  }
  try {
    const auto json = nlohmann::json::parse(*text);
    PlanRecord record;
    record.file = json.at("file").get<std::string>();
    record.settings = json.at("settings").get<std::vector<std::string>>();
    record.plugins = json.at("plugins").get<std::vector<std::string>>();
    record.folder = json.value("folder", "");
    for (const auto& cell : json.at("cells")) {
      record.cells.push_back({cell.at("id").get<std::string>(),
                              cell.at("label").get<std::string>(),
                              "",
                              {},
                              {},
                              cell.value("tags", std::vector<std::string>())});
    }
    return record;
  } catch (const nlohmann::json::exception&) {
    throw UsageError(fmt::format("{}: damaged; give the study's YAML file", layout.plan().string()));
  }
}

void check_owner(const ResultsLayout& layout, const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(layout.plan(), error)) return;
  std::string owner;
  try {
    const PlanRecord record = read_plan_record(layout);
    owner = record.file;
    if (!std::filesystem::equivalent(record.folder, layout.folder(), error)) return;
    if (std::filesystem::equivalent(owner, file, error) || !std::filesystem::exists(owner, error)) return;
    const YamlNode root = parse_yaml(read_file(owner), owner);
    const YamlNode* name = root.is_map() ? root.find("study") : nullptr;
    if (!name || name->text != layout.study) return;
  } catch (const Error&) {  // a damaged record or file claims nothing
    return;
  }
  throw UsageError(
      fmt::format("{} holds the results of {}, which names the study '{}' as well: rename one of the two, "
                  "give another --results, or take the results over with run --force",
                  layout.folder().string(), owner, layout.study));
}

namespace {

/// What is not as it was planned, and what to do.
std::string changed_text(const std::string& id, const std::vector<FactChange>& changes) {
  std::vector<std::string> what;
  for (const auto& [fact, before, now] : changes) {
    const std::size_t space = fact.find(' ');
    const bool plugin = fact.starts_with("plugin ");
    if (fact == "data") {
      what.emplace_back("its data have changed");
    } else if (plugin) {
      what.push_back(fmt::format("the plugin of '{}' was replaced", fact.substr(space + 1)));
    } else if (space != std::string::npos || fact == "numerics") {
      what.push_back(fmt::format("klbench was rebuilt with other code ({})", fact));
    } else {
      what.push_back(fmt::format("'{}' has changed", fact));
    }
  }
  if (what.empty()) what.emplace_back("its data, plugins or code have changed");
  return fmt::format(
      "cell {}: {} since it was planned; put it back, or run the study again, which plans anew and keeps "
      "what is finished",
      id, fmt::join(what, " and "));
}

}  // namespace

PlannedCell worker_cell(const std::filesystem::path& file, const std::string& id,
                        const std::vector<std::string>& plugins) {
  StudySource source;
  for (const auto& plugin : plugins) source.plugins.push_back(load_here(plugin));
  const std::string text = read_file(file);
  source.study.cells.push_back(parse_cell(text, file.string(), full_schema(brought_by(source.plugins))));
  Plan plan = plan_study(std::move(source));
  PlannedCell& cell = plan.cells.at(0);
  if (cell.id == id) return std::move(cell);
  const Identity planned = read_identity_comments(text);
  throw UsageError(changed_text(id, planned.empty() ? std::vector<FactChange>{} : differences(planned, cell.identity)));
}

}  // namespace klbench
