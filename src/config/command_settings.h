#pragma once

#include <deque>
#include <string>
#include <vector>

#include "config/axes.h"

namespace klbench {

/// The axes of --set arguments, key=value; of two with the same name the later one counts. A value in brackets, braces
/// or quotes is YAML, any other is taken as it is, '#' and ': ' included. Throws UsageError.
std::vector<Axis> parse_command_settings(const std::vector<std::string>& settings, const OptionNames& names,
                                         std::deque<YamlNode>& made);

/// The same arguments with the paths in them absolute. Throws UsageError.
std::vector<std::string> absolute_settings(const std::vector<std::string>& settings, const OptionNames& names);

}  // namespace klbench
