#pragma once

#include <map>
#include <string>

#include "config/option_spec.h"

namespace klbench {

/// The remedies that are built in, by key. The program has them written down (catalogue.cpp, generated from what the
/// engine says when klbench is built); a process without asks the engine.
const std::map<std::string, ComponentSpec>& builtin_regularizers();

/// `json`: an array of specs (config/spec_json.h), for good.
struct CatalogueRegistrar {
  explicit CatalogueRegistrar(const char* json) noexcept;
};

}  // namespace klbench
