#include "config/user_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace klbench {

namespace {

/// The name of the variable that `text` begins with, and what follows it; an empty name where there is none.
std::pair<std::string, std::string> leading_variable(const std::string& text) {
  if (text == "~" || text.starts_with("~/")) return {"HOME", text.substr(1)};
  if (text.starts_with("${")) {
    const std::size_t close = text.find('}');
    if (close == std::string::npos) return {};
    return {text.substr(2, close - 2), text.substr(close + 1)};
  }
  if (!text.starts_with('$')) return {};
  const std::size_t slash = std::min(text.find('/'), text.size());
  return {text.substr(1, slash - 1), text.substr(slash)};
}

}  // namespace

std::string expand_user(const std::string& text, const Place& place) {
  const auto [name, rest] = leading_variable(text);
  if (name.empty()) {
    if (!text.starts_with('~')) return text;
    throw UsageError(place, fmt::format("'{0}': homes of other users are not looked up; write the path from '/', "
                                        "or ./{0} for a file of this name",
                                        one_line(text)));
  }
  const char* value = std::getenv(name.c_str());
  if (!value || !*value) {
    throw UsageError(place, fmt::format("'{0}': the variable {1} is not set; write the path from '/', or ./{0} "
                                        "for a file of this name",
                                        one_line(text), one_line(name)));
  }
  return value + rest;
}

std::filesystem::path resolve_path(const std::string& text, const Place& place) {
  const std::filesystem::path folder = place.line == 0 ? "" : std::filesystem::path(place.file).parent_path();
  return std::filesystem::absolute(folder / expand_user(text, place)).lexically_normal();
}

std::string file_suffix(const std::filesystem::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

}  // namespace klbench
