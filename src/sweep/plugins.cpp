#include "sweep/plugins.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "config/spec_json.h"
#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "storage/records.h"
#include "sweep/engine.h"
#include "sweep/outcome.h"

namespace klbench {

namespace {

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const auto start = text.rfind('\n', end);
  return one_line(
      text.substr(start == std::string::npos ? 0 : start + 1, end - (start == std::string::npos ? 0 : start + 1) + 1));
}

/// Why a child that loaded `path` did not answer.
std::string failure(const std::string& path, const ProcessResult& child) {
  const std::string line = last_line(child.err);
  if (child.signal != 0) {
    return fmt::format("plugin {}: loading it ended with {}{}", path, signal_name(child.signal),
                       line.empty() ? "" : ": " + line);
  }
  static const std::string prefix = "klbench: ";
  if (line.rfind(prefix, 0) == 0) return line.substr(prefix.size());
  return fmt::format("plugin {}: loading it ended the process with exit code {}{}", path, child.exit_code,
                     line.empty() ? "" : ": " + line);
}

PluginInfo parse_answer(const std::string& path, const std::string& answer) {
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  PluginInfo info;
  info.path = path;
  try {
    info.hash = json.at("hash").get<std::string>();
    info.brings = json.at("brings").get<Components>();
  } catch (const nlohmann::json::exception&) {
    throw UsageError(fmt::format("plugin {}: loading it ended the process before it was asked", path));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("plugin {}: {}", path, error.what()));
  }
  return info;
}

}  // namespace

PluginInfo load_here(const std::string& path) {
  auto brings = engine().load_plugin(path);
  return {path, file_hash(path), std::move(brings)};
}

std::string probe_here(const std::string& path) {
  const PluginInfo info = load_here(path);
  const nlohmann::json answer = {{"path", path},
                                 {"api", kPluginApiVersion},
                                 {"torch", engine().torch_version()},
                                 {"cxx_abi", engine().cxx_abi()},
                                 {"hash", info.hash},
                                 {"brings", info.brings}};
  return answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string probe_in_child(const std::string& path, double seconds) {
  if (const char* what = other_than_file(path)) {
    throw UsageError(fmt::format("plugin {}: {}, where a file is wanted", path, what));
  }
  ProcessResult child;
  try {
    child = run_process({executable_path(), "probe", "--here", "--", path}, {.timeout_seconds = seconds});
  } catch (const Error& error) {
    throw UsageError(fmt::format("plugin {}: loading it took more than {} s", path, seconds));
  }
  if (!child.ok()) throw UsageError(failure(path, child));
  const std::string answer = last_line(child.out);  // behind what the plugin itself printed while it was loaded
  parse_answer(path, answer);
  return answer;
}

std::vector<PluginInfo> probe_plugins(const std::vector<std::string>& paths) {
  std::vector<PluginPath> given;
  for (const auto& path : paths) given.push_back({path, {"--plugin"}});
  return probe_plugins(given);
}

std::vector<PluginInfo> probe_plugins(const std::vector<PluginPath>& paths) {
  std::vector<PluginInfo> plugins;
  for (const auto& given : paths) {
    const std::string path = std::filesystem::absolute(given.path).lexically_normal().string();
    std::error_code none;
    if (!std::filesystem::exists(path, none))
      throw UsageError(given.place, fmt::format("plugin {}: no such file", path));
    try {
      plugins.push_back(parse_answer(path, probe_in_child(path)));
    } catch (const UsageError& error) {
      throw UsageError(given.place, error.what());
    }
  }
  brought_by(plugins);
  for (const auto& plugin : plugins) {
    know_metrics_of_plugin(plugin.brings.metrics);
    if (!plugin.brings.datasets.empty() || !plugin.brings.figures.empty()) load_here(plugin.path);
  }
  return plugins;
}

Components brought_by(const std::vector<PluginInfo>& plugins) {
  Components all;
  for (const auto& kind : kComponentKinds) {
    std::map<std::string, std::string> owner;
    for (const auto& plugin : plugins) {
      for (const auto& [key, spec] : plugin.brings.*kind.member) {
        const auto [other, fresh] = owner.emplace(key, plugin.path);
        if (!fresh) {
          throw UsageError(
              fmt::format("plugin {}: {} '{}' is already defined by {}", plugin.path, kind.what, key, other->second));
        }
        (all.*kind.member).emplace(key, spec);
      }
    }
  }
  return all;
}

}  // namespace klbench
