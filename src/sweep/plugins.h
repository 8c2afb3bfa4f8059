#pragma once

#include <string>
#include <vector>

#include "config/components.h"
#include "config/study_files.h"

namespace klbench {

/// What a plugin brings, as a child process found when it loaded it.
struct PluginInfo {
  std::string path;  ///< absolute
  std::string hash;  ///< content hash of the file, as the child saw it
  Components brings;
};

/// Loads a plugin into this process for good. Throws UsageError when it cannot be used; a broken file may end the
/// process by a signal.
PluginInfo load_here(const std::string& path);

/// Loads a plugin into this process and says what it registered, as JSON on one line: `klbench probe --here`. A broken
/// file may end the process by a signal. Throws UsageError when it cannot be used.
std::string probe_here(const std::string& path);

/// Seconds that loading a plugin may take.
inline constexpr double kProbeSeconds = 60;

/// probe_here in a child process, so that no plugin can harm this one. Throws UsageError naming the plugin and what
/// happened: missing, truncated, crashed or hung while loading, of another API, no components.
std::string probe_in_child(const std::string& path, double seconds = kProbeSeconds);

/// What probe_in_child found in each; throws UsageError as it does, with the place. Those that bring data sets, which
/// plans read, or kinds of figures are then loaded here.
std::vector<PluginInfo> probe_plugins(const std::vector<PluginPath>& paths);
/// The same of what the command line names.
std::vector<PluginInfo> probe_plugins(const std::vector<std::string>& paths);

/// All that they bring; throws as probe_plugins for a key that two of them define.
Components brought_by(const std::vector<PluginInfo>& plugins);

}  // namespace klbench
