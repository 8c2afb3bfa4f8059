#pragma once

#include <string>
#include <vector>

#include "config/components.h"

namespace klbench {

/// What registered metrics and figure kinds break of their contracts (engine/contract.h), one sentence each.
std::vector<std::string> broken_metrics(const ComponentSpecs& metrics);
std::vector<std::string> broken_figures(const ComponentSpecs& figures);

}  // namespace klbench
