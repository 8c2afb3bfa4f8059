#include "cli/launcher_choice.h"

#include <filesystem>

namespace klbench {

LauncherChoice launcher_of(const Study& study, const std::string& named, const std::vector<std::string>& settings) {
  const YamlNode* of_study = study.launcher ? &*study.launcher : nullptr;
  const auto path = launchers_file();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return choose_launcher(named, of_study, nullptr, settings);
  const YamlNode own = parse_yaml(read_yaml_text(path), path.string());
  if (own.kind != YamlNode::Kind::null && !own.is_map())
    own.fail("a map of launchers is wanted here, e.g. slurm: {partition: long}");
  return choose_launcher(named, of_study, &own, settings);
}

}  // namespace klbench
