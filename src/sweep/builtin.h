#pragma once

#include "sweep/engine.h"

namespace klbench {

/// The components that are built in. The program has them written down (catalogue.cpp, generated from
/// what the engine says when klbench is built); a process without asks the engine.
const Components& builtin_components();

/// `json`: Components (config/spec_json.h), for good.
struct CatalogueRegistrar {
  explicit CatalogueRegistrar(const char* json) noexcept;
};

}  // namespace klbench
