#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/components.h"

namespace klbench {

/// name, type (boolean, integer, real, text), default, help, and min, max, min_open, max_open, choices, is_path where
/// they say something.
void to_json(nlohmann::json& json, const OptionSpec& option);

/// A spec as JSON, as `klbench probe` and `describe --format json` print it: its fields, the options as above.
void to_json(nlohmann::json& json, const ComponentSpec& spec);

/// The inverse; throws UsageError when a field is missing or has another type, or when check_spec refuses the spec.
void from_json(const nlohmann::json& json, ComponentSpec& spec);

/// {"regularizers": [specs], "datasets": [specs], ...}. Reading, a kind that is not there has none; throws UsageError
/// as above, and for a key that is there twice.
void to_json(nlohmann::json& json, const Components& components);
void from_json(const nlohmann::json& json, Components& components);

}  // namespace klbench
