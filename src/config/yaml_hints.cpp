#include "config/yaml_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::size_t kShown = 60;  // characters of a value that a message writes out
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// "title: KL: by epoch" -> "title: "KL: by epoch""; empty when it is long or no key and value.
std::string quoted_entry(std::string_view entry) {
  entry = trimmed(entry.substr(0, entry.find(" #")));
  if (entry.starts_with("- ")) entry = trimmed(entry.substr(2));
  const std::size_t colon = entry.find(": ");
  if (colon == std::string_view::npos || entry.size() > kShown) return "";
  return fmt::format("{}: {}", entry.substr(0, colon), quoted_text(std::string(trimmed(entry.substr(colon + 1)))));
}

std::string colon_hint(std::string_view entry) {
  const std::string right = quoted_entry(entry);
  return "a text with ': ' in it needs quotes" + (right.empty() ? "" : ": write " + right);
}

/// The line around an offset.
struct Line {
  Line(std::string_view all, std::size_t offset)
      : start(offset == 0 ? 0 : all.rfind('\n', offset - 1) + 1),  // npos + 1 is 0
        text(all.substr(start, std::min(all.find('\n', offset), all.size()) - start)),
        indent(std::min(text.find_first_not_of(" \t"), text.size())) {}

  std::size_t start;
  std::string_view text;
  std::size_t indent;
};

std::string spaced(std::string_view line) {
  std::string out;
  for (const char c : line.substr(0, kShown)) out += c == '\t' ? "  " : std::string(1, c);
  return one_line(out.substr(0, out.find_last_not_of(kBlanks) + 1));
}

/// The line at `here` does not fit those above, or its next neighbour above is "key:value", which is no key.
YamlComplaint wrong_indent(std::string_view text, const Line& here, std::size_t offset) {
  for (std::size_t end = here.start; end > 0;) {
    const Line above(text, end - 1);
    end = above.start;
    const std::string_view entry = trimmed(above.text);
    if (entry.empty() || entry[0] == '#') continue;
    const std::string right = unspaced_colon(entry.starts_with("- ") ? entry.substr(2) : entry);
    if (!right.empty()) return {above.start + above.indent, right};
    break;
  }
  return {offset, kIndentation};
}

/// A colon that ends the key where another one stands before it in the same value, or an entry of a flow map; else
/// empty.
std::string misplaced_colon(const Line& line, std::size_t offset, std::string_view text) {
  const std::string_view before = text.substr(line.start, offset - line.start);
  const std::size_t open = before.find_last_of("{[,");
  if (open != std::string_view::npos && before.find(": ", open) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(",}]\n", offset), text.size());
    return colon_hint(text.substr(line.start + open + 1, end - line.start - open - 1));
  }
  return before.find(": ") != std::string_view::npos ? colon_hint(line.text) : "";
}

}  // namespace

YamlComplaint explain_syntax(std::string_view text, std::size_t offset, const std::string& message) {
  const Line line(text, offset);
  if (const auto tab = line.text.substr(0, line.indent).find('\t'); tab != std::string_view::npos) {
    return {line.start + tab, fmt::format("YAML is indented by spaces, not tabs: write '{}'", spaced(line.text))};
  }
  const char c = offset < text.size() ? text[offset] : '\0';
  const std::string_view before = trimmed(text.substr(line.start, offset - line.start));
  const auto rest = std::string(trimmed(line.text.substr(offset - line.start)));
  if (c == ':') {
    const std::string hint = misplaced_colon(line, offset, text);
    return hint.empty() ? wrong_indent(text, line, offset) : YamlComplaint{offset, hint};
  }
  if (c == '@' || c == '`' || c == '%') {
    return {offset, fmt::format("a text that begins with '{}' needs quotes: write {}", c, quoted_text(rest))};
  }
  if (c == '-' && before.ends_with(':')) {
    return {offset, fmt::format("a list begins on the next line, or is written in brackets: {} [{}]", before,
                                trimmed(std::string_view(rest).substr(1)))};
  }
  if (!before.empty() && (before.back() == '"' || before.back() == '\'')) {
    return {offset, fmt::format("text behind a closing quote: '{}'", one_line(rest))};
  }
  if (before.empty() && rest.find(": ") != std::string::npos) return wrong_indent(text, line, offset);
  return {offset, one_line(message)};
}

YamlComplaint explain_bracket(std::string_view text, std::size_t open, std::size_t offset) {
  const char close = text[open] == '[' ? ']' : '}';
  if (offset < text.size() && text[offset] == '[' && text[offset - 1] == ':') {  // {seed:[0, 1]}
    const std::size_t key = text.find_last_of("{[, \n", offset - 1) + 1;
    const std::string right = unspaced_colon(text.substr(key, text.find(']', offset) + 1 - key));
    if (!right.empty()) return {key, right};
  }
  bool unclosed = trimmed(text.substr(offset)).empty() || text[offset] == ']' || text[offset] == '}';
  const Line begin(text, open);
  for (std::size_t next = text.find('\n', open); next < offset && !unclosed; next = text.find('\n', next + 1)) {
    const Line line(text, next + 1);
    const char c = line.indent < line.text.size() ? line.text[line.indent] : '#';
    unclosed = line.indent <= begin.indent && std::string_view("[]{},#\"'").find(c) == std::string_view::npos;
  }
  if (unclosed) return {open, fmt::format("'{}' without its '{}'", text[open], close)};
  return {offset, fmt::format("',' or '{}' is wanted here", close)};
}

std::string with_blank(std::string_view key, std::string_view value) {
  return fmt::format("write {}: {}, with a blank", key, value);
}

std::string unspaced_colon(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || text.size() > kShown) return "";
  const std::string_view key = text.substr(0, colon), value = text.substr(colon + 1);
  const bool is_key = std::all_of(key.begin(), key.end(), [](char c) {
    return c == '_' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  const bool is_pair = value[0] != '/' && kBlanks.find(value[0]) == std::string_view::npos;
  if (!is_key || !is_pair || value.find(':') != std::string_view::npos) return "";
  return one_line(with_blank(key, value));
}

std::string encoding_hint(std::string_view bytes) {
  const bool wide = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
                    bytes.substr(0, 2).find('\0') != std::string_view::npos;
  return fmt::format("; iconv -f {} -t UTF-8 OLD > NEW converts it", wide ? "UTF-16" : "LATIN1");
}

std::string quoted_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace klbench
