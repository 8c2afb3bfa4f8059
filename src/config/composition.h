#pragma once

#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// Refuses a composition of regularizers in which a key occurs twice or two parts take the same exclusive role
/// (ComponentSpec::replaces), naming both and the role. Throws UsageError without a place.
void check_composition(const std::vector<const ComponentSpec*>& parts);

}  // namespace klbench
