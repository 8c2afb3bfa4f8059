#pragma once

#include <string>
#include <vector>

#include "config/schema.h"

namespace klbench {

/// What beside the options a study may name.
struct StudyWords {
  ComponentSpecs launchers;
  std::vector<std::string> metrics;  ///< that editors offer; others are taken, too
};

/// The JSON schema (draft-07) of a study's YAML, and of the files it includes, for editors: keys, options with types,
/// ranges, choices, defaults and help, axes, components, figures by kind, launchers. It refuses what klbench refuses of
/// one value alone, and not what several make together (compositions, models without z); of values it takes the plain
/// forms, numbers and lists, and not all that klbench reads ("0,1,2" as a list).
std::string study_schema(const Schema& schema, const StudyWords& words);

}  // namespace klbench
