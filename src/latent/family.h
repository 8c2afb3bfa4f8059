#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "config/registry.h"
#include "latent/model_facts.h"
#include "latent/posterior.h"

namespace klbench {

struct FamilyEntry {
  ComponentSpec spec;
  /// nullptr: the Gaussian, whose code is the harness's own.
  std::function<std::shared_ptr<PosteriorFamily>(const Options& options, const ModelFacts& model)> make;
};

/// The families of posteriors known to this process, by key.
class FamilyRegistry : public Registry<FamilyEntry> {
 public:
  FamilyRegistry() : Registry("family") {}
  static FamilyRegistry& instance();
};

struct FamilyRegistrar {
  explicit FamilyRegistrar(FamilyEntry entry) noexcept { FamilyRegistry::instance().add(std::move(entry)); }
};

/// KLBENCH_FAMILY(Vmf, {.key = "vmf", ..., .domain = kSphere}): Class(const Options&, const ModelFacts&) under its
/// spec.
#define KLBENCH_FAMILY(Class, ...)                                               \
  static const ::klbench::FamilyRegistrar k##Class##Registrar(                   \
      {::klbench::ComponentSpec __VA_ARGS__,                                     \
       [](const ::klbench::Options& options, const ::klbench::ModelFacts& model) \
           -> std::shared_ptr<::klbench::PosteriorFamily> { return std::make_shared<Class>(options, model); }})

}  // namespace klbench
