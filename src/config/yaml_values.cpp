#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "config/yaml_reader.h"

namespace klbench {

namespace {

/// The whole of `text` as a number; an explicit plus is allowed, hexadecimals, infinities and overflows are not.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  const std::size_t first = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  if (first >= text.size() || (text[first] != '.' && (text[first] < '0' || text[first] > '9'))) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string shape(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::scalar:
      break;
  }
  return fmt::format("'{}'", one_line(node.text));
}

}  // namespace

Value scalar_value(const YamlNode& node) {
  if (!node.is_scalar()) node.fail(fmt::format("wants one value, got {}", shape(node)));
  const std::string& text = node.text;
  if (node.quoted) return text;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto integer = parse_number<std::int64_t>(text)) return *integer;
  if (const auto real = parse_number<double>(text)) return *real;
  return text;
}

const std::string& scalar_text(const YamlNode& node, const std::string& what) {
  if (!node.is_scalar()) node.fail(fmt::format("{} wants text, got {}", what, shape(node)));
  return node.text;
}

bool scalar_flag(const YamlNode& node, const std::string& what) {
  const Value value = node.is_scalar() ? scalar_value(node) : Value{};
  if (!node.is_scalar() || !std::holds_alternative<bool>(value)) {
    node.fail(fmt::format("{} wants true or false, got {}", what, shape(node)));
  }
  return std::get<bool>(value);
}

Value option_value(const OptionSpec& spec, const YamlNode& node) {
  if (!node.is_scalar()) {
    node.fail(fmt::format("option '{}' wants one value ({}), got {}{}", spec.name, spec.describe_type(), shape(node),
                          node.is_sequence() ? "; lists of values belong under 'sweep:'" : ""));
  }
  try {
    return spec.check(spec.type() == OptionType::text ? Value(node.text) : scalar_value(node));
  } catch (const UsageError& error) {
    node.fail(error.what());
  }
}

}  // namespace klbench
