#pragma once

#include <vector>

#include "config/settings.h"
#include "config/study.h"

namespace klbench {

/// The entries of `figures:`; `node` may be null. Names are unique safe file stems, kinds are of figure_kinds(), `over`
/// is an option of the schema, `only` names methods. Throws UsageError.
std::vector<FigureSpec> parse_figures(const YamlNode* node, const OptionNames& names);

/// The text of a scalar that becomes part of file names: letters, digits and _.- , not beginning with a dot.
/// Throws UsageError.
const std::string& file_stem(const YamlNode& node, const std::string& what);

}  // namespace klbench
