#include <fmt/format.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "config/study_schema.h"
#include "launch/registry.h"
#include "storage/records.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

namespace klbench {

namespace {

std::string schema_text(const std::vector<std::string>& plugins) {
  const Schema schema = full_schema(brought_by(probe_plugins(plugins)));
  StudyWords words;
  for (const auto& [key, entry] : LauncherRegistry::instance().entries()) words.launchers.emplace(key, entry.spec);
  for (const auto& metric : known_metrics()) words.metrics.push_back(metric.name);
  for (const auto& [key, spec] : schema.metrics) {
    if (!is_known_metric(key)) words.metrics.push_back(key);
  }
  return study_schema(schema, words);
}

}  // namespace

Command schema_command() {
  return {"schema", "Print the JSON schema of a study's YAML, by which editors complete and check", [](CLI::App& app) {
            auto plugins = std::make_shared<std::vector<std::string>>();
            add_plugins(app, *plugins);
            return [plugins] {
              fmt::print("{}", schema_text(*plugins));
              return 0;
            };
          }};
}

}  // namespace klbench
