#pragma once

#include <string>
#include <string_view>
#include <vector>

/// How numbers and bytes get into a page.
namespace klbench {

/// RFC 4648.
std::string base64(std::string_view bytes);

/// Each number as the upper three bytes of its float, rounded (a relative error of at most 2^-16), little-endian, in
/// base64: four characters. NaN stays NaN.
std::string packed(const std::vector<double>& values);

/// Text in HTML, in an element or a quoted attribute.
std::string html_escaped(std::string_view text);

}  // namespace klbench
