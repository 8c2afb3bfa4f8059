#include "sweep/builtin.h"

#include <nlohmann/json.hpp>

#include "config/spec_json.h"

namespace klbench {

namespace {

const char* catalogue = nullptr;

ComponentSpecs read_specs(const nlohmann::json& array) {
  ComponentSpecs specs;
  for (const auto& json : array) {
    ComponentSpec spec = json;
    specs.emplace(spec.key, std::move(spec));
  }
  return specs;
}

Catalogue read_catalogue() {
  const auto json = nlohmann::json::parse(catalogue);
  return {read_specs(json.at("regularizers")), read_specs(json.at("encoders")), read_specs(json.at("decoders")),
          read_specs(json.at("families")), read_specs(json.at("priors"))};
}

}  // namespace

CatalogueRegistrar::CatalogueRegistrar(const char* json) noexcept { catalogue = json; }

const Catalogue& builtin_catalogue() {
  static const Catalogue known = catalogue ? read_catalogue() : engine().catalogue();
  return known;
}

}  // namespace klbench
