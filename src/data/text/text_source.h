#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "data/source.h"

namespace klbench {

/// The text in the content of `file`: unpacked where it is gzip (by its first bytes, or its name ends in .gz; several
/// members are joined). Throws UsageError for a gzip that is cut, corrupt, followed by other data, or over 4 GiB
/// unpacked, and for other formats with the command that makes text of them (foreign_format.h).
std::string source_text(std::string bytes, const std::string& file);

/// Calls `handle(line number from 1, line)` for every line of `text`, without its end (\n or \r\n), without a byte
/// order mark, and without the empty lines at the end of the text. Throws UsageError with file and line, and what to
/// do, for a file without any line, NUL, carriage returns within a line and other control characters except tab, and
/// invalid UTF-8.
void for_each_line(std::string_view text, const std::string& file,
                   const std::function<void(int line, std::string_view content)>& handle);

}  // namespace klbench
