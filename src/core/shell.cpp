#include "core/shell.h"

#include <algorithm>
#include <string_view>

namespace klbench {

std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string shell_word(const std::string& path) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("/._-+,:@%=").find(c) != std::string_view::npos;
  };
  if (path.starts_with('-')) return quoted("./" + path);
  return !path.empty() && std::all_of(path.begin(), path.end(), plain) ? path : quoted(path);
}

}  // namespace klbench
