#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "config/option_spec.h"

namespace klbench {

/// A value for readers outside: null for NaN and the infinities, which JSON lacks.
nlohmann::ordered_json value_json(const Value& value);

/// JSON as commands print it, lines with an end; what is no UTF-8 is replaced.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace klbench
