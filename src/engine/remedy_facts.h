#pragma once

#include "sweep/engine.h"

namespace klbench {

/// Engine::remedy_facts.
RemedyFacts remedy_facts(const CellConfig& config);

}  // namespace klbench
