#pragma once

#include <string>
#include <vector>

#include "plotting/kinds/request.h"
#include "plotting/table.h"

namespace klbench {

/// The table of the metrics that the request names, else of those of `fallback` that the results have, as the figure
/// asks for it: title, rows, width.
Table results_table(const Request& request, const std::vector<std::string>& fallback);

}  // namespace klbench
