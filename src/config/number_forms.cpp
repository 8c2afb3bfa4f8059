#include "config/number_forms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>

namespace klbench {

namespace {

constexpr std::size_t kMaxForm = 60;  // characters; std::regex recurses by character

template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* end = text.data() + text.size();
  std::from_chars_result result{};
  if constexpr (std::is_integral_v<T>) {
    result = std::from_chars(text.data(), end, value, base);
  } else {
    result = std::from_chars(text.data(), end, value);
  }
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// An integer where the number is one: "1e3" -> "1000".
std::string shortest(const std::string& text) {
  const auto number = number_value(text);
  if (!number) return "";
  const auto* real = std::get_if<double>(&*number);
  if (real && *real == std::floor(*real) && std::abs(*real) < 1e15) return fmt::format("{:.0f}", *real);
  return to_string(*number);
}

std::string based_number(const std::string& text) {
  const char letter = static_cast<char>(text[1] | 0x20);  // small
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
  const auto value = parse_number<std::int64_t>(std::string_view(text).substr(2), base);
  return value ? to_string(*value) : "";
}

/// "1,500": one number or several.
bool has_thousands(const std::string& text) {
  static const std::regex pattern(R"([1-9]\d{0,2}(,\d{3})+)");
  return text.size() <= kMaxForm && std::regex_match(text, pattern);
}

struct Form {
  std::regex pattern;
  const char* replacement;
};

std::string number_list(const std::vector<std::string>& parts) {
  std::vector<std::string> numbers;
  for (const auto& part : parts) {
    numbers.push_back(number_value(part) ? part : meant_number(part));
    if (numbers.back().empty()) return "";
  }
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

}  // namespace

std::optional<Value> number_value(std::string_view text) {
  const std::size_t first = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  if (first >= text.size() || (text[first] != '.' && !is_digit(text[first]))) return std::nullopt;
  if (text[first] == '0' && first + 1 < text.size() && is_digit(text[first + 1])) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto integer = parse_number<std::int64_t>(text)) return *integer;
  if (const auto real = parse_number<double>(text)) return *real;
  return std::nullopt;
}

std::string meant_number(const std::string& text) {
  static const std::vector<Form> forms = {
      {std::regex(R"(([+-]?)0+(\d+(\.\d*)?([eE][+-]?\d+)?))"), "$1$2"},
      {std::regex(R"(([+-]?\d*\.?\d+)k)", std::regex::icase), "$1e3"},
      {std::regex(R"(([+-]?\d*\.?\d+)M)"), "$1e6"},
      {std::regex(R"(([+-]?\d*\.?\d+) ?%)"), "$1e-2"},
      {std::regex(R"(([+-]?\d+),(\d+))"), "$1.$2"},
      {std::regex(R"(([+-]?\d*\.?\d+)f)"), "$1"},
      {std::regex(R"(([+-]?\d*\.?\d+)d([+-]?\d+))", std::regex::icase), "$1e$2"},
      {std::regex(R"(10(?:\^|\*\*)([+-]?\d+))"), "1e$1"},
  };
  static const std::regex grouped(R"([+-]?\d{1,3}([_ ']\d{3})+(\.\d+)?|[+-]?\d+(_\d+)+(\.\d+)?)");
  static const std::regex based(R"(0x[0-9a-f]+|0o[0-7]+|0b[01]+)", std::regex::icase);
  if (text.size() > kMaxForm || has_thousands(text)) return "";
  if (std::regex_match(text, based)) return based_number(text);
  if (std::regex_match(text, grouped)) return shortest(std::regex_replace(text, std::regex("[_ ']"), ""));
  for (const auto& form : forms) {
    if (std::regex_match(text, form.pattern)) return shortest(std::regex_replace(text, form.pattern, form.replacement));
  }
  return "";
}

std::string comma_readings(const std::string& text, bool real) {
  const auto parts = split_list(text, ',');
  const std::string list = number_list(parts);
  if (has_thousands(text)) {
    std::string one = text;
    std::erase(one, ',');
    const bool padded = std::any_of(parts.begin(), parts.end(), [](const auto& part) { return !number_value(part); });
    return padded ? one : fmt::format("{} for one value, {} for several", one, list);
  }
  const std::string one = real && parts.size() == 2 ? meant_number(text) : "";
  return one.empty() ? "" : fmt::format("{} for one value, {} for two", one, list);
}

std::string meant_list(const std::string& text) {
  static const std::regex span(R"((\d{1,9})\s*(?:-|\.\.\.?|:)\s*(\d{1,9}))");
  static const std::regex call(R"((range|linspace|geomspace|logspace)\s*\((.*)\))");
  std::smatch match;
  if (text.size() > kMaxForm) return "";
  if (std::regex_match(text, match, span)) {
    const auto last = parse_number<std::int64_t>(match[2].str());
    return fmt::format("{{range: [{}, {}]}}", match[1].str(), *last + 1);
  }
  if (std::regex_match(text, match, call)) {
    auto arguments = split_list(match[2].str(), ',');
    if (match[1] == "range" && arguments.size() == 1) arguments.insert(arguments.begin(), "0");
    const std::string list = number_list(arguments);
    return list.empty() ? "" : fmt::format("{{{}: {}}}", match[1].str(), list);
  }
  const bool bracketed = text.size() > 1 && (text.front() == '(' || text.front() == '[');
  const std::string inner = bracketed ? text.substr(1, text.size() - 2) : text;
  for (const char separator : {';', ',', ' '}) {
    const auto parts = split_list(inner, separator);
    const std::string list = parts.size() > 1 ? number_list(parts) : "";
    if (!list.empty()) return list;
  }
  return "";
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    std::string_view part = text.substr(start, end - start);
    const std::size_t first = part.find_first_not_of(" \t");
    part = first == std::string_view::npos ? "" : part.substr(first, part.find_last_not_of(" \t") + 1 - first);
    parts.emplace_back(part);
    start = end + 1;
  }
  return parts;
}

}  // namespace klbench
