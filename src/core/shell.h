#pragma once

#include <string>

namespace klbench {

/// One word of the shell, whatever stands in it, in quotes.
std::string quoted(const std::string& text);

/// `path` as one word of a shell command, in quotes only where it needs them; one that begins with '-' is no option.
std::string shell_word(const std::string& path);

}  // namespace klbench
