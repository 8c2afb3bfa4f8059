#include "config/option_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "config/number_forms.h"
#include "config/offers.h"
#include "core/error.h"

namespace klbench {

namespace {

std::string shown(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? fmt::format("'{}'", one_line(*text)) : to_string(value);
}

std::string describe_range(const OptionSpec& spec) {
  const bool low = std::isfinite(spec.min);
  const bool high = std::isfinite(spec.max) && spec.max_where.empty();
  if (low && high) {
    return fmt::format(" in {}{}, {}{}", spec.min_open ? '(' : '[', spec.min, spec.max, spec.max_open ? ')' : ']');
  }
  if (low) return fmt::format(" {} {}", spec.min_open ? ">" : ">=", spec.min);
  if (high) return fmt::format(" {} {}", spec.max_open ? "<" : "<=", spec.max);
  return "";
}

bool below_max(const OptionSpec& spec, double x) { return spec.max_open ? x < spec.max : x <= spec.max; }

bool in_range(const OptionSpec& spec, double x) {
  return std::isfinite(x) && (spec.min_open ? x > spec.min : x >= spec.min) &&
         (!spec.max_where.empty() || below_max(spec, x));
}

/// "a real in [0, 1)", "an integer >= 1", "one of: a, b".
std::string wanted(const OptionSpec& spec) {
  const std::string type = spec.describe_type();
  if (!spec.choices.empty()) return type;
  return (spec.type() == OptionType::integer ? "an " : "a ") + type;
}

bool is_identifier(const std::string& name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// "schedule" and {"linear", "cyclical"} of "schedule=linear,cyclical".
std::pair<std::string, std::vector<std::string>> condition_of(const std::string& only_where) {
  const std::size_t equals = std::min(only_where.find('='), only_where.size());
  const std::string values = only_where.substr(std::min(equals + 1, only_where.size()));
  return {only_where.substr(0, equals), values.empty() ? std::vector<std::string>{""} : split_list(values, ',')};
}

/// Refuses `named`, what `option` says of another option ("counts only where"), where it names none of its component.
void check_other(const ComponentSpec& spec, const OptionSpec& option, const char* says, const std::string& named) {
  if (named.empty()) return;
  const std::string other = condition_of(named).first;
  const auto is_other = [&](const OptionSpec& one) { return one.name == other && other != option.name; };
  if (std::any_of(spec.options.begin(), spec.options.end(), is_other)) return;
  throw UsageError(fmt::format("{}: option '{}' {} '{}', which names no other option of it", spec.key, option.name,
                               says, one_line(named)));
}

const std::vector<std::string>& known_needs() {
  static const std::vector<std::string> needs = {
      kStandardLatent, kNormalPrior, kFlatLatent,   kScoredLatent, kTwoPosteriors,  kTwoExamples, kLabels,
      kExpectedImage,  kWordStates,  kPooledStates, kWordVectors,  kSkipConnection, kLatent};
  return needs;
}

}  // namespace

std::string idle_reason(const OptionSpec& option, const std::map<std::string, Value>& values) {
  if (option.only_where.empty()) return "";
  const auto [other, fitting] = condition_of(option.only_where);
  const auto found = values.find(other);
  if (found == values.end()) return "";
  const std::string value = to_string(found->second);
  if (std::find(fitting.begin(), fitting.end(), value) != fitting.end()) return "";
  return fmt::format("where {} is {}", other, one_line(value));
}

OptionConflict conflict_of(const ComponentSpec& spec, const std::map<std::string, Value>& values,
                           const std::string& prefix) {
  for (const auto& option : spec.options) {
    if (option.divides.empty() && option.max_where.empty()) continue;
    const Value& value = values.at(prefix + option.name);
    if (!option.divides.empty()) {
      const auto whole = std::get<std::int64_t>(values.at(prefix + option.divides));
      const auto part = std::get<std::int64_t>(value);
      if (whole % part != 0)
        return {option.name, option.divides, fmt::format("{} does not divide {} {}", part, option.divides, whole)};
    }
    if (option.max_where.empty() || below_max(option, std::get<double>(value))) continue;
    const auto [other, fitting] = condition_of(option.max_where);
    const std::string found = to_string(values.at(prefix + other));
    if (std::find(fitting.begin(), fitting.end(), found) == fitting.end()) continue;
    return {option.name, other,
            fmt::format("{} is not {} {}, as it has to be where {} is {}", to_string(value),
                        option.max_open ? "<" : "<=", option.max, other, found)};
  }
  return {};
}

std::string to_string(const Value& value) {
  switch (static_cast<OptionType>(value.index())) {
    case OptionType::boolean:
      return std::get<bool>(value) ? "true" : "false";
    case OptionType::integer:
      return fmt::format("{}", std::get<std::int64_t>(value));
    case OptionType::real: {
      std::string text = fmt::format("{}", std::get<double>(value));
      if (text.find_first_of(".en") == std::string::npos) text += ".0";
      return text;
    }
    case OptionType::text:
      break;
  }
  return std::get<std::string>(value);
}

std::string OptionSpec::describe_type() const {
  switch (type()) {
    case OptionType::boolean:
      return "boolean";
    case OptionType::integer:
      return "integer" + describe_range(*this);
    case OptionType::real:
      return "real" + describe_range(*this);
    case OptionType::text:
      break;
  }
  return choices.empty() ? "text" : fmt::format("one of: {}", fmt::join(choices, ", "));
}

Value OptionSpec::check(const Value& value) const {
  Value typed = value;
  if (const auto* integer = std::get_if<std::int64_t>(&value); integer && type() == OptionType::real) {
    typed = static_cast<double>(*integer);
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53: larger reals are no exact integers
  if (const auto* real = std::get_if<double>(&value); real && type() == OptionType::integer) {
    if (*real == std::floor(*real) && std::abs(*real) <= kExact) typed = static_cast<std::int64_t>(*real);
  }
  bool good = typed.index() == default_value.index();
  if (good && type() == OptionType::integer) {
    good = in_range(*this, static_cast<double>(std::get<std::int64_t>(typed)));
  } else if (good && type() == OptionType::real) {
    std::get<double>(typed) += 0.0;  // -0 and 0 are the same configuration
    good = in_range(*this, std::get<double>(typed));
  } else if (good && !choices.empty()) {
    good = std::find(choices.begin(), choices.end(), std::get<std::string>(typed)) != choices.end();
  }
  if (good) return typed;
  const auto* text = std::get_if<std::string>(&value);
  const std::string near = text ? nearest_name(*text, choices) : "";
  throw UsageError(fmt::format("option '{}' wants {}{} got {}{}", name, wanted(*this), choices.empty() ? "," : ";",
                               shown(value), near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
}

void check_spec(const ComponentSpec& spec) {
  if (!is_identifier(spec.key)) {
    throw UsageError(fmt::format("key '{}' must be lower-case letters, digits and '_', not beginning with a digit",
                                 one_line(spec.key)));
  }
  for (const auto& need : spec.needs) {
    const bool known = std::find(known_needs().begin(), known_needs().end(), need) != known_needs().end();
    if (!known && need.find('.') == std::string::npos)
      throw UsageError(fmt::format("{}: {}", spec.key, unknown_name("need", need, known_needs())));
  }
  std::set<std::string> names;
  for (const auto& option : spec.options) {
    if (!is_identifier(option.name) || option.name == "name") {
      throw UsageError(fmt::format("{}: option name '{}' must be lower-case letters, digits and '_', and not 'name'",
                                   spec.key, one_line(option.name)));
    }
    if (!names.insert(option.name).second) {
      throw UsageError(fmt::format("{}: option '{}' is declared twice", spec.key, option.name));
    }
    check_other(spec, option, "counts only where", option.only_where);
    check_other(spec, option, "divides", option.divides);
    check_other(spec, option, "has a maximum where", option.max_where);
    try {
      option.check(option.default_value);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}: default value: {}", spec.key, error.what()));
    }
  }
}

Options::Options(const ComponentSpec& spec, const std::map<std::string, Value>& given) {
  for (const auto& option : spec.options) values_.emplace(option.name, option.default_value);
  for (const auto& [name, value] : given) {
    const auto option = std::find_if(spec.options.begin(), spec.options.end(),
                                     [&name = name](const OptionSpec& candidate) { return candidate.name == name; });
    if (option == spec.options.end()) throw UsageError(unknown_option(spec, name));
    values_[name] = option->check(value);
  }
}

std::string unknown_option(const ComponentSpec& spec, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& option : spec.options) names.push_back(option.name);
  if (names.empty()) return fmt::format("'{}' has no options, got '{}'", spec.key, one_line(name));
  return unknown_name(fmt::format("option of {}", spec.key), name, names);
}

bool Options::boolean(const std::string& name) const { return value_of<bool>(values_, name); }
std::int64_t Options::integer(const std::string& name) const { return value_of<std::int64_t>(values_, name); }
double Options::real(const std::string& name) const { return value_of<double>(values_, name); }
const std::string& Options::text(const std::string& name) const { return value_of<std::string>(values_, name); }

template <class T>
const T& value_of(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw Error(fmt::format("no option '{}' is declared", name));
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  throw Error(fmt::format("option '{}' is declared with another type: {}", name, to_string(found->second)));
}

template const bool& value_of<bool>(const std::map<std::string, Value>&, const std::string&);
template const std::int64_t& value_of<std::int64_t>(const std::map<std::string, Value>&, const std::string&);
template const double& value_of<double>(const std::map<std::string, Value>&, const std::string&);
template const std::string& value_of<std::string>(const std::map<std::string, Value>&, const std::string&);

}  // namespace klbench
