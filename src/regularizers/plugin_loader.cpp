#include "regularizers/plugin_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <map>

#include "core/error.h"
#include "regularizers/api.h"

namespace klbench {

namespace {

std::string last_error() {
  const char* text = dlerror();
  return text ? one_line(text) : "unknown reason";
}

void check_abi(void* library) {
  using AbiFunction = const PluginAbi* (*)();
  const auto abi_of = reinterpret_cast<AbiFunction>(dlsym(library, "klbench_plugin_abi"));
  if (!abi_of) throw UsageError("is no klbench plugin: it lacks KLBENCH_PLUGIN");
  const PluginAbi* abi = abi_of();
  if (abi->api_version != kPluginApiVersion)
    throw UsageError(
        fmt::format("is for plugin API {}, this klbench has {}; rebuild it", abi->api_version, kPluginApiVersion));
  if (std::string(abi->torch_version) != TORCH_VERSION)
    throw UsageError(fmt::format("was built with Torch {}, this klbench with {}; rebuild it",
                                 one_line(abi->torch_version), TORCH_VERSION));
  if (std::string(abi->cxx_abi) != KLBENCH_CXX_ABI)
    throw UsageError(fmt::format("was built for C++ ABI {}, this klbench for {}; rebuild it", one_line(abi->cxx_abi),
                                 KLBENCH_CXX_ABI));
}

std::vector<ComponentSpec> load_new(const std::string& path) {
  auto& registry = RegularizerRegistry::instance();
  const auto before = registry.entries();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw UsageError(fmt::format("cannot be loaded: {}", last_error()));
  const auto errors = registry.take_errors();
  check_abi(library);
  if (!errors.empty()) throw UsageError(fmt::format("{}", fmt::join(errors, "; ")));
  std::vector<ComponentSpec> specs;
  for (const auto& [key, entry] : registry.entries())
    if (before.count(key) == 0) specs.push_back(entry.spec);
  if (specs.empty()) throw UsageError("registers no regularizer");
  return specs;
}

}  // namespace

std::vector<ComponentSpec> load_plugin(const std::string& path) {
  static std::map<std::string, std::vector<ComponentSpec>> loaded;
  std::error_code missing;
  const std::string file = std::filesystem::canonical(path, missing).string();
  if (missing) throw UsageError(fmt::format("plugin {}: {}", one_line(path), missing.message()));
  try {
    if (loaded.count(file) == 0) loaded.emplace(file, load_new(file));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("plugin {}: {}", one_line(path), error.what()));
  }
  return loaded.at(file);
}

}  // namespace klbench
