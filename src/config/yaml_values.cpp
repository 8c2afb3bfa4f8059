#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "config/number_forms.h"
#include "config/yaml_hints.h"
#include "config/yaml_reader.h"

namespace klbench {

namespace {

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

/// A plain scalar by the core schema.
Value plain_value(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return number_value(text).value_or(text);
}

Value plain_value(const YamlNode& node) { return node.number ? *node.number : plain_value(node.text); }

/// A scalar where true or false is wanted: YAML 1.1's words too.
Value flag_value(const std::string& text) {
  static const std::vector<std::string> yes = {"yes", "Yes", "YES", "on", "On", "ON"};
  static const std::vector<std::string> no = {"no", "No", "NO", "off", "Off", "OFF"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return plain_value(text);
}

/// "; write X" where what was written is known for X.
std::string form_hint(const OptionSpec& spec, const std::string& text) {
  const auto fits = [&](const Value& value) {
    try {
      spec.check(value);
      return true;
    } catch (const UsageError&) {
      return false;
    }
  };
  if (spec.type() == OptionType::boolean) {
    if (text == "1" || text == "y" || text == "Y") return "; write true";
    return text == "0" || text == "n" || text == "N" ? "; write false" : "";
  }
  if (spec.type() == OptionType::text) {
    return text.find(',') == std::string::npos
               ? ""
               : fmt::format("; several values are an axis, under 'sweep:' or with --set: [{}]",
                             one_line(fmt::format("{}", fmt::join(split_list(text, ','), ", "))));
  }
  if (const auto readings = comma_readings(text, spec.type() == OptionType::real); !readings.empty()) {
    return fmt::format("; write {}", readings);
  }
  if (const auto number = meant_number(text); !number.empty() && fits(plain_value(number))) {
    return fmt::format("; write {}", number);
  }
  if (const auto list = meant_list(text); !list.empty()) {
    return fmt::format("; several values are an axis, under 'sweep:' or with --set: {}", list);
  }
  return "";
}

}  // namespace

Value scalar_value(const YamlNode& node) {
  if (!node.is_scalar()) node.fail(fmt::format("wants one value, got {}", shape(node)));
  return node.quoted ? Value(node.text) : plain_value(node);
}

const std::string& scalar_text(const YamlNode& node, std::string_view what) {
  if (!node.is_scalar()) node.fail(fmt::format("{} wants text, got {}", what, shape(node)));
  return node.text;
}

bool scalar_flag(const YamlNode& node, std::string_view what) {
  const Value value = node.is_scalar() ? flag_value(node.text) : Value{};
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
  const auto typed = [&]() -> Value {
    if (spec.type() == OptionType::text) return node.text;
    return spec.type() == OptionType::boolean ? flag_value(node.text) : plain_value(node);
  };
  try {
    return spec.check(typed());
  } catch (const UsageError& error) {
    node.fail(error.what() + form_hint(spec, node.text));
  }
}

std::string flow_text(const YamlNode& node) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    parts.push_back((node.is_map() ? flow_text(node.keys[i]) + ": " : "") + flow_text(node.items[i]));
  }
  if (node.is_map()) return fmt::format("{{{}}}", fmt::join(parts, ", "));
  if (node.is_sequence()) return fmt::format("[{}]", fmt::join(parts, ", "));
  if (!node.is_scalar()) return "~";
  const bool plain = !node.quoted && !node.text.empty() && std::all_of(node.text.begin(), node.text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_./+-").find(c) != std::string::npos;
  });
  return plain ? node.text : quoted_text(node.text);
}

void set_place(YamlNode& node, const Place& place) {
  node.place = place;
  for (auto& key : node.keys) set_place(key, place);
  for (auto& item : node.items) set_place(item, place);
}

}  // namespace klbench
