#pragma once

#include <string>

#include "config/option_spec.h"

namespace klbench {

/// What a metric needs of a model, a split or a study (ComponentSpec::needs) to be measured at all, in words: "the
/// prior N(0, I)", "eval.generation: true", several joined by "and"; empty: nothing.
std::string needs_text(const ComponentSpec& metric);

}  // namespace klbench
