#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/registry.h"
#include "config/yaml_reader.h"
#include "launch/launcher.h"

namespace klbench {

class BatchSystem;

/// What a launcher is told beside its options.
struct LauncherRequest {
  std::filesystem::path jobs;  ///< results/<study>/jobs
  std::string study;
  std::string program;  ///< klbench
};

struct LauncherEntry {
  ComponentSpec spec;
  std::function<std::unique_ptr<Launcher>(const Options&, const LauncherRequest&)> make;
  /// Of launchers that hand cells to a batch system; null: cells end with the driver.
  std::function<std::unique_ptr<BatchSystem>(const Options&)> system;
};

/// The launchers known to this process, by key: local, slurm, script. One file each.
class LauncherRegistry : public Registry<LauncherEntry> {
 public:
  LauncherRegistry() : Registry("launcher") {}
  static LauncherRegistry& instance();
};

struct LauncherRegistrar {
  explicit LauncherRegistrar(LauncherEntry entry) noexcept { LauncherRegistry::instance().add(std::move(entry)); }
};

/// A launcher of a batch system: `entry.system` with the options that all of them share (cells_per_task, poll_seconds).
LauncherEntry batch_launcher_entry(ComponentSpec spec,
                                   std::function<std::unique_ptr<BatchSystem>(const Options&)> system);

/// A launcher and its options.
struct LauncherChoice {
  std::string key = "local";
  Options options;

  const LauncherEntry& entry() const { return LauncherRegistry::instance().find(key); }
};

/// Which launcher a run has and how it is set. `named`: on the command line, else what the study names, else local;
/// a name of `own` (launchers.yaml: names with options, and `name`, the launcher meant, where that is another) or a
/// launcher's own. Options: of `own`, over them the study's where it names the same, over them `settings`
/// ("time=2:00:00"). Lists are lines of a text. Throws UsageError with the place.
LauncherChoice choose_launcher(const std::string& named, const YamlNode* study, const YamlNode* own,
                               const std::vector<std::string>& settings);

/// $XDG_CONFIG_HOME/klbench/launchers.yaml or ~/.config/klbench/launchers.yaml.
std::filesystem::path launchers_file();

}  // namespace klbench
