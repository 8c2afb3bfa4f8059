#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/registry.h"
#include "latent/model_facts.h"
#include "regularizers/hooks.h"
#include "regularizers/regularizer.h"

namespace klbench {

using RegularizerFactory = std::function<std::shared_ptr<Regularizer>(const Options& options, const ModelFacts& model)>;

struct RegularizerEntry {
  ComponentSpec spec;  ///< completed (complete_spec)
  Hooks hooks;
  RegularizerFactory make;
};

/// The remedies known to this process, by key.
class RegularizerRegistry : public Registry<RegularizerEntry> {
 public:
  RegularizerRegistry() : Registry("regularizer") {}
  static RegularizerRegistry& instance();
  /// Completes the spec (complete_spec), whose errors are kept, too.
  void add(ComponentSpec spec, const Hooks& hooks, RegularizerFactory make) noexcept;
};

/// Registers a remedy at load time: one line at the end of its file.
struct RegularizerRegistrar {
  RegularizerRegistrar(ComponentSpec spec, const Hooks& hooks, RegularizerFactory make) noexcept {
    RegularizerRegistry::instance().add(std::move(spec), hooks, std::move(make));
  }
};

/// KLBENCH_REGULARIZER(BnVae, {.key = "bn_vae", ...}): Class(const Options&, const ModelFacts&) under its spec, to
/// which the roles are added that follow from the hooks it overrides.
#define KLBENCH_REGULARIZER(Class, ...)                                         \
  static const ::klbench::RegularizerRegistrar k##Class##Registrar(             \
      ::klbench::ComponentSpec __VA_ARGS__, ::klbench::hooks_of<Class>(),       \
      [](const ::klbench::Options& options, const ::klbench::ModelFacts& model) \
          -> std::shared_ptr<::klbench::Regularizer> { return std::make_shared<Class>(options, model); })

}  // namespace klbench
