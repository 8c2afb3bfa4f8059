#pragma once

#include <string>

namespace klbench {

/// One word of the shell, whatever stands in it.
inline std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace klbench
