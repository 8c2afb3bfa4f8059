#include "sweep/builtin.h"

#include <nlohmann/json.hpp>

#include "config/spec_json.h"

namespace klbench {

namespace {

const char* catalogue = nullptr;

}  // namespace

CatalogueRegistrar::CatalogueRegistrar(const char* json) noexcept { catalogue = json; }

const Components& builtin_components() {
  static const Components known =
      catalogue ? nlohmann::json::parse(catalogue).get<Components>() : engine().builtin_components();
  return known;
}

}  // namespace klbench
