#pragma once

#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// What a plugin brings, as a child process found when it loaded it.
struct PluginInfo {
  std::string path;  ///< absolute
  std::string hash;  ///< content hash of the file, as the child saw it
  std::vector<ComponentSpec> regularizers;
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
/// happened: missing, truncated, crashed or hung while loading, of another API, no regularizers.
std::string probe_in_child(const std::string& path, double seconds = kProbeSeconds);

/// What probe_in_child found in each. Throws UsageError as it does, and for a key that two of them define.
std::vector<PluginInfo> probe_plugins(const std::vector<std::string>& paths);

/// All their specs.
std::vector<ComponentSpec> plugin_specs(const std::vector<PluginInfo>& plugins);

}  // namespace klbench
