#pragma once

#include "sweep/engine.h"

namespace klbench {

/// The components of the engine that are built in. The program has them written down (catalogue.cpp, generated from
/// what the engine says when klbench is built); a process without asks the engine.
const Catalogue& builtin_catalogue();

/// `json`: {"regularizers": [specs (config/spec_json.h)], "encoders": ..., "decoders": ...}, for good.
struct CatalogueRegistrar {
  explicit CatalogueRegistrar(const char* json) noexcept;
};

}  // namespace klbench
