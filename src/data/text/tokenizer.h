#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klbench {

/// `text` with A-Z as a-z.
std::string lower_ascii(std::string_view text);

/// The tokens of running text: words and numbers (letters, digits and bytes beyond ASCII, joined by a hyphen or
/// apostrophe between two of them, digits also by a point or comma between two digits: "one's", "self-contained",
/// "20th", "1,000.5"), and every other character that is not white space as a token of its own. The views point into
/// `text`.
std::vector<std::string_view> tokenize(std::string_view text);

}  // namespace klbench
