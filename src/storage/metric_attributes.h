#pragma once

#include <map>
#include <string>

#include "config/option_spec.h"

namespace klbench {

/// @units and @long_name of a metric, and @better, @head, @least and @most of a plugin's: its file says all of it.
std::map<std::string, Value> usual_attributes(const std::string& metric);

/// Attributes of a stored metric without the usual ones. A metric that this process does not know becomes known.
std::map<std::string, Value> without_usual(const std::string& metric, std::map<std::string, Value> attributes);

}  // namespace klbench
