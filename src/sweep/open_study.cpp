#include "sweep/open_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "sweep/labels.h"

namespace klbench {

StudySource read_source(const std::filesystem::path& file, const std::vector<std::string>& settings,
                        const std::vector<std::string>& plugins) {
  std::vector<std::string> paths = study_plugins(file);
  for (const auto& plugin : plugins) {
    const std::string path = std::filesystem::absolute(plugin).lexically_normal().string();
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  StudySource source;
  source.plugins = probe_plugins(paths);
  source.study = load_study(file, settings, full_schema(plugin_specs(source.plugins)));
  return source;
}

Plan plan_study(StudySource source) {
  std::map<std::string, std::string> hashes;
  for (const auto& plugin : source.plugins) {
    for (const auto& spec : plugin.regularizers) hashes[spec.key] = plugin.hash;
  }
  return make_plan(std::move(source.study), hashes);
}

std::vector<CellTask> plan_tasks(const Plan& plan) {
  std::vector<const CellConfig*> configs;
  for (const auto& cell : plan.cells) configs.push_back(&cell.config);
  const auto labels = cell_labels(configs);
  std::vector<CellTask> tasks;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    tasks.push_back({plan.cells[i].id, labels[i], plan.cells[i].config.canonical()});
  }
  return tasks;
}

void write_plan_record(const std::filesystem::path& path, const PlanRecord& record) {
  auto cells = nlohmann::json::array();
  for (const auto& cell : record.cells) cells.push_back({{"id", cell.id}, {"label", cell.label}});
  const nlohmann::json json = {
      {"file", record.file}, {"settings", record.settings}, {"plugins", record.plugins}, {"cells", std::move(cells)}};
  write_file_durably(path, json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

PlanRecord read_plan_record(const ResultsLayout& layout) {
  std::error_code error;
  if (!std::filesystem::exists(layout.plan(), error)) {
    throw UsageError(fmt::format("no study '{}' in {}: give its YAML file, or --results", one_line(layout.study),
                                 layout.root.string()));
  }
  try {
    const auto json = nlohmann::json::parse(read_file(layout.plan()));
    PlanRecord record;
    record.file = json.at("file").get<std::string>();
    record.settings = json.at("settings").get<std::vector<std::string>>();
    record.plugins = json.at("plugins").get<std::vector<std::string>>();
    for (const auto& cell : json.at("cells")) {
      record.cells.push_back({cell.at("id").get<std::string>(), cell.at("label").get<std::string>(), ""});
    }
    return record;
  } catch (const nlohmann::json::exception&) {
    throw UsageError(fmt::format("{}: damaged; give the study's YAML file", layout.plan().string()));
  }
}

CellConfig worker_config(const std::filesystem::path& file, const std::string& id,
                         const std::vector<std::string>& plugins) {
  StudySource source;
  for (const auto& plugin : plugins) source.plugins.push_back(load_here(plugin));
  source.study.cells.push_back(parse_cell(read_file(file), file.string(), full_schema()));
  Plan plan = plan_study(std::move(source));
  if (plan.cells.at(0).id != id) {
    throw UsageError(fmt::format("cell {}: its data, plugins or code have changed since it was planned (it is {} now)",
                                 id, plan.cells[0].id));
  }
  return std::move(plan.cells[0].config);
}

}  // namespace klbench
