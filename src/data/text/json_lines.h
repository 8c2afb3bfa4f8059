#pragma once

#include <string>
#include <string_view>

namespace klbench {

/// JSON lines, an object {"text": "...", "label": ...} a line, as the lines that text_lines reads, number by number:
/// the text with each white space and control character as a blank, and with `labels` the label (a text, a number or a
/// boolean) and a tab before it. Other fields are passed over, lines without anything stay. Throws UsageError with file
/// and line for what is no JSON object, without a text, or with `labels` without a label.
std::string lines_of_json(std::string_view text, const std::string& file, bool labels);

}  // namespace klbench
