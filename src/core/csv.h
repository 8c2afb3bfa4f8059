#pragma once

#include <string>
#include <vector>

namespace klbench {

/// A field of a CSV file, quoted where RFC 4180 wants it.
std::string csv_field(const std::string& text);

/// Fields joined by commas, without a line end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace klbench
