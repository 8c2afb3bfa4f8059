#pragma once

#include <cstddef>

namespace klbench {

/// Whether a descriptor is a terminal that can move its cursor: TERM is set and not "dumb".
bool moves_cursor(int fd);

struct TerminalSize {
  std::size_t columns = 80, rows = 24;
};
/// As the terminal at `fd` says now, else as COLUMNS and LINES do.
TerminalSize terminal_size(int fd);

/// Writes what standard output holds; false, then and ever after, where it cannot be written.
bool flush_output();
/// Why it could not (errno); 0: it could.
int output_failure();

/// Whether the characters of the locale (LC_ALL, LC_CTYPE, LANG) are UTF-8.
bool writes_utf8();

}  // namespace klbench
