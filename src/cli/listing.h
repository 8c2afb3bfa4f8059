#pragma once

#include <string>
#include <vector>

namespace klbench {

/// Rows of text under named columns, printed on standard output in one of three formats.
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Values of --format.
const std::vector<std::string>& listing_formats();

/// text: aligned columns without a head, the first column first; csv: RFC 4180 with a head; json: an array of objects.
std::string format_listing(const Listing& listing, const std::string& format);

/// What `klbench list` can list: "regularizers", "datasets", ...
std::vector<std::string> listed_kinds();

}  // namespace klbench
