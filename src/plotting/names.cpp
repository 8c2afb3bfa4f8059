#include "plotting/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

namespace klbench {

namespace {

const std::map<std::string, std::string>& greek_letters() {
  static const std::map<std::string, std::string> letters = {
      {"alpha", "α"},  {"beta", "β"},  {"gamma", "γ"}, {"delta", "δ"}, {"eps", "ε"},   {"epsilon", "ε"}, {"kappa", "κ"},
      {"lambda", "λ"}, {"sigma", "σ"}, {"tau", "τ"},   {"mu", "μ"},    {"mu^2", "μ²"}, {"sigma^2", "σ²"}};
  return letters;
}

std::string named(const std::string& key, const Names& names) {
  const auto found = names.find(key);
  return found == names.end() ? key : found->second;
}

/// "bn_vae" of regularizer.bn_vae.gamma.
std::string owner_of(const std::string& option) { return last_part(option.substr(0, option.rfind('.'))); }

std::vector<std::string> parts_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string display_method(const std::string& method, const Names& names) {
  if (names.contains(method)) return names.at(method);
  auto parts = parts_at(method, '+');
  for (auto& part : parts) part = named(part, names);
  return fmt::format("{}", fmt::join(parts, " + "));
}

/// A component's name before its options.
std::vector<std::string> in_reading_order(std::vector<std::string> options) {
  const auto section = [](const std::string& option) { return option.substr(0, option.rfind('.')); };
  std::stable_sort(options.begin(), options.end(), [&](const std::string& a, const std::string& b) {
    if (section(a) != section(b)) return section(a) < section(b);
    return last_part(a) == "name" && last_part(b) != "name";
  });
  return options;
}

/// Digits and minus as `zero` and its successors, and `minus`.
std::string small_digits(std::int64_t number, const std::vector<std::string>& digits, const std::string& minus) {
  std::string text;
  for (const char c : fmt::format("{}", number)) text += c == '-' ? minus : digits[static_cast<std::size_t>(c - '0')];
  return text;
}

std::string raised(std::int64_t number) {
  static const std::vector<std::string> digits = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  return small_digits(number, digits, "⁻");
}

}  // namespace

std::string with_index(const std::string& symbol, std::int64_t index) {
  static const std::vector<std::string> digits = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
  return symbol + small_digits(index, digits, "₋");
}

std::string with_power(const std::string& number) {
  const std::size_t e = number.find('e');
  if (e == std::string::npos) return number;
  const std::string factor = number.substr(0, e);
  return (factor == "1" ? "" : factor == "-1" ? "-" : factor + "·") + "10" + raised(std::stol(number.substr(e + 1)));
}

std::string display_value(const Value& value) {
  const std::string text = short_value(value);
  return std::holds_alternative<double>(value) ? with_power(text) : text;
}

std::string display_option(const std::string& option, const Names& names, bool owned) {
  if (names.contains(option)) return names.at(option);
  const std::string last = last_part(option);
  const std::string text = names.contains(last) ? names.at(last) : with_greek(last);
  return owned ? named(owner_of(option), names) + "." + text : text;
}

std::string display_label(const Group& group, const Names& names) {
  if (names.contains(group.row)) return names.at(group.row);
  std::vector<std::string> parts;
  for (const auto& option : in_reading_order(group.telling)) {
    const auto value = group.config.find(option);
    if (value == group.config.end()) continue;
    const bool owned = std::count_if(group.telling.begin(), group.telling.end(),
                                     [&](const auto& other) { return last_part(other) == last_part(option); }) > 1;
    const std::string text = named(display_value(value->second), names);
    const bool bare = std::holds_alternative<std::string>(value->second) && !(owned && last_part(option) != "name");
    parts.push_back(bare ? text : display_option(option, names, owned) + "=" + text);
  }
  const std::string method = display_method(group.method, names);
  return parts.empty() ? method : fmt::format("{} ({})", method, fmt::join(parts, ", "));
}

std::string with_greek(const std::string& text) {
  std::string out, word;
  const auto end_word = [&] {
    const auto found = greek_letters().find(word);
    out += found == greek_letters().end() ? word : found->second;
    word.clear();
  };
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '^') {
      word += c;
      continue;
    }
    end_word();
    out += c;
  }
  end_word();
  return out;
}

std::string display_metric(const std::string& metric, const Names& names) {
  return names.contains(metric) ? names.at(metric) : with_greek(metric_info(metric).long_name);
}

std::string column_title(const std::string& metric, const Names& names) {
  return names.contains(metric) ? names.at(metric) : metric_info(metric).head;
}

std::vector<std::string> label_names(const FinalMetric& latent_points) {
  const auto names = latent_points.attributes.find("label_names");
  const auto* lines = names == latent_points.attributes.end() ? nullptr : std::get_if<std::string>(&names->second);
  return lines ? parts_at(*lines, '\n') : std::vector<std::string>{};
}

std::optional<std::string> idle_name(const StudyResult& study, const Names& names) {
  if (names.empty() || !study.missing.empty()) return std::nullopt;
  std::set<std::string> known;
  for (const auto& cell : study.cells) {
    known.insert(cell.method);
    for (const auto& part : parts_at(cell.method, '+')) known.insert(part);
    for (const auto& [option, value] : cell.config) {
      known.insert({option, last_part(option), display_value(value)});
    }
    for (const auto& [part, metrics] : cell.final) {
      for (const auto& [metric, values] : metrics) known.insert(metric);
    }
  }
  for (const auto& group : group_cells(study, {})) known.insert(group.row);
  for (const auto& [key, name] : names) {
    if (!known.contains(key) && !is_known_metric(key) && !key.starts_with("label ")) return key;
  }
  return std::nullopt;
}

std::string idle_name_text(const std::string& name) {
  return fmt::format("'{}' of 'names' is no method, option, value, metric or row of the study", one_line(name));
}

}  // namespace klbench
