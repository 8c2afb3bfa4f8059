#include "cli/launcher_choice.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>

#include "cli/arguments.h"
#include "core/error.h"
#include "launch/batch_system.h"

namespace klbench {

void add_launcher(CLI::App& app, LauncherArguments& arguments) {
  app.add_option("--launcher", arguments.launcher,
                 "Where cells are computed: local (default), slurm, script, or a name of "
                 "~/.config/klbench/launchers.yaml; instead of what the study says");
  app.add_option("--launcher-option", arguments.settings,
                 "An option of the launcher, NAME=VALUE, repeated; klbench describe slurm names them")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
  wants_whole(
      app.add_option_function<std::int64_t>(
          "--gpus", [&arguments](std::int64_t cards) { arguments.settings.push_back(fmt::format("gpus={}", cards)); },
          "Cards that cells are dealt to, as --launcher-option gpus=N"),
      0, 4096);
}

LauncherChoice launcher_of(const Study& study, const LauncherArguments& arguments) {
  const auto& [named, settings] = arguments;
  const YamlNode* of_study = study.launcher ? &*study.launcher : nullptr;
  const auto path = launchers_file();
  std::error_code error;
  std::optional<YamlNode> own;
  if (std::filesystem::exists(path, error)) {
    own = parse_yaml(read_yaml_text(path), path.string());
    if (own->kind != YamlNode::Kind::null && !own->is_map())
      own->fail("a map of launchers is wanted here, e.g. slurm: {partition: long}");
  }
  LauncherChoice choice = choose_launcher(named, of_study, own ? &*own : nullptr, settings);
  try {
    if (const auto& system = choice.entry().system) system(choice.options);
  } catch (const UsageError& refusal) {
    if (!of_study || !named.empty() || !settings.empty()) throw;
    throw UsageError(of_study->place, refusal.what());
  }
  return choice;
}

}  // namespace klbench
