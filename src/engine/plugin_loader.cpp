#include "engine/plugin_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "engine/plugin_api.h"
#include "storage/records.h"

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

/// Of `now`, what `before` has not.
Components added(const Components& before, Components now) {
  for (const auto& kind : kComponentKinds) {
    std::erase_if(now.*kind.member, [&](const auto& item) { return (before.*kind.member).contains(item.first); });
  }
  return now;
}

bool brings_something(const Components& components) {
  return std::any_of(kComponentKinds.begin(), kComponentKinds.end(),
                     [&](const auto& kind) { return !(components.*kind.member).empty(); });
}

/// action(member, registry) for every kind: where its specs go, and who has them.
template <class Action>
void for_each_registry(const Action& action) {
  action(&Components::regularizers, RegularizerRegistry::instance());
  action(&Components::datasets, DatasetRegistry::instance());
  action(&Components::encoders, EncoderRegistry::instance());
  action(&Components::decoders, DecoderRegistry::instance());
  action(&Components::families, FamilyRegistry::instance());
  action(&Components::priors, PriorRegistry::instance());
  action(&Components::metrics, MetricRegistry::instance());
  action(&Components::figures, FigureRegistry::instance());
}

/// The errors of registrations of every kind since the last call.
std::vector<std::string> registration_errors() {
  std::vector<std::string> errors;
  for_each_registry([&](auto, auto& registry) {
    for (auto& error : registry.take_errors()) errors.push_back(std::move(error));
  });
  return errors;
}

Components load_new(const std::string& path) {
  const Components before = registered_components();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw UsageError(fmt::format("cannot be loaded: {}", last_error()));
  const auto errors = registration_errors();
  check_abi(library);
  if (!errors.empty()) throw UsageError(fmt::format("{}", fmt::join(errors, "; ")));
  Components brings = added(before, registered_components());
  if (!brings_something(brings)) throw UsageError("registers no component");
  for (const auto& [key, spec] : brings.metrics) {
    if (is_known_metric(key) && !registered_metrics().contains(key))  // of the trainer
      throw UsageError(fmt::format("metric '{}' is registered twice", key));
  }
  know_metrics_of_plugin(brings.metrics);
  for (const auto& [key, spec] : brings.datasets) DatasetRegistry::instance().set_code(key, file_hash(path));
  return brings;
}

}  // namespace

Components registered_components() {
  Components all;
  for_each_registry([&](auto member, const auto& registry) { all.*member = registry.specs(); });
  return all;
}

Components load_plugin(const std::string& path) {
  static std::map<std::string, Components> loaded;
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
