#pragma once

#include <deque>
#include <vector>

#include "config/option_spec.h"
#include "config/yaml_reader.h"

namespace klbench {

/// Most cells a study may have.
inline constexpr std::size_t kMaxCells = 100'000;

/// The values of an axis of the option `spec` (null: unknown type). A list, in which further forms may stand, or one:
/// {range: [first, end(, step)]}, half-open, of integers; {linspace: [first, last, count]} and {geomspace: [first,
/// last, count]}, evenly spaced in value or in logarithm, rounded to 12 digits. The same as text, "0,1,2",
/// "range(0,3)", where the option is no free text. A single value is an axis of one.
/// New nodes live in `made`. Throws UsageError for empty and oversized axes and for forms with two meanings.
std::vector<const YamlNode*> axis_nodes(const YamlNode& node, const OptionSpec* spec, std::deque<YamlNode>& made);

}  // namespace klbench
