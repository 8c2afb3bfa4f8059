#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "regularizers/regularizer.h"

namespace klbench {

/// Makes a remedy for a latent space of d dimensions.
using RegularizerFactory = std::function<std::shared_ptr<Regularizer>(const Options& options, std::int64_t latent_dim)>;

/// The remedies known to this process, by key.
class RegularizerRegistry {
 public:
  struct Entry {
    ComponentSpec spec;
    RegularizerFactory make;
  };

  static RegularizerRegistry& instance();

  /// Never throws (it runs before main): errors such as a duplicate key are kept and thrown by entries().
  void add(ComponentSpec spec, RegularizerFactory make) noexcept;
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
  RegularizerRegistrar(ComponentSpec spec, RegularizerFactory make) noexcept {
    RegularizerRegistry::instance().add(std::move(spec), std::move(make));
  }
};

/// KLBENCH_REGULARIZER(BnVae, {.key = "bn_vae", ...}): Class(const Options&, int64_t latent_dim) under its spec.
#define KLBENCH_REGULARIZER(Class, ...)                                                                           \
  static const ::klbench::RegularizerRegistrar k##Class##Registrar(                                               \
      ::klbench::ComponentSpec __VA_ARGS__,                                                                       \
      [](const ::klbench::Options& options, std::int64_t latent_dim) -> std::shared_ptr<::klbench::Regularizer> { \
        return std::make_shared<Class>(options, latent_dim);                                                      \
      })

}  // namespace klbench
