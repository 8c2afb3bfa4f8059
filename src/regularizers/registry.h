#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "regularizers/hooks.h"
#include "regularizers/model_facts.h"
#include "regularizers/regularizer.h"

namespace klbench {

using RegularizerFactory = std::function<std::shared_ptr<Regularizer>(const Options& options, const ModelFacts& model)>;

/// The remedies known to this process, by key.
class RegularizerRegistry {
 public:
  struct Entry {
    ComponentSpec spec;  ///< completed (complete_spec)
    Hooks hooks;
    RegularizerFactory make;
  };

  static RegularizerRegistry& instance();

  /// Never throws (it runs before main): errors such as a duplicate key are kept and thrown by entries().
  void add(ComponentSpec spec, const Hooks& hooks, RegularizerFactory make) noexcept;
  /// Takes a remedy out again, for tests that bring their own.
  void remove(const std::string& key) { entries_.erase(key); }
  /// The errors of registrations since the last call, which entries() then no longer throws: for the plugin loader.
  std::vector<std::string> take_errors() { return std::exchange(errors_, {}); }
  /// All remedies; throws UsageError when a registration failed.
  const std::map<std::string, Entry>& entries() const;
  /// Throws UsageError naming the valid keys.
  const Entry& find(const std::string& key) const;

 private:
  std::map<std::string, Entry> entries_;
  std::vector<std::string> errors_;
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
