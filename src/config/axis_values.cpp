#include "config/axis_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "config/number_forms.h"

namespace klbench {

namespace {

constexpr const char* kForms =
    "an axis is a list, {range: [first, end]}, {linspace: [first, last, count]} or {geomspace: [first, last, count]}";

std::int64_t integer_item(const YamlNode& node, const char* what) {
  const Value value = scalar_value(node);
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (!integer) node.fail(what);
  return *integer;
}

double real_item(const YamlNode& node, const char* what) {
  const Value value = scalar_value(node);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&value);
  if (!real) node.fail(what);
  return *real;
}

void check_axis_size(const YamlNode& node, double size) {
  if (size < 1) node.fail("an axis needs at least one value");
  if (size > static_cast<double>(kMaxCells)) node.fail(fmt::format("more than {} values on one axis", kMaxCells));
}

using Values = std::vector<Value>;

Values range_values(const YamlNode& node) {
  constexpr const char* kIntegers = "a range takes integers; for reals write {linspace: [first, last, count]}";
  if (!node.is_sequence() || node.items.size() < 2 || node.items.size() > 3) {
    node.fail(fmt::format("a range is [first, end] or [first, end, step]{}",
                          node.is_scalar() ? fmt::format("; write {{range: [0, {}]}}", one_line(node.text)) : ""));
  }
  const std::int64_t first = integer_item(node.items[0], kIntegers);
  const std::int64_t end = integer_item(node.items[1], kIntegers);
  const std::int64_t step = node.items.size() == 3 ? integer_item(node.items[2], kIntegers) : 1;
  if (step == 0) node.items[2].fail("the step of a range must not be 0");
  const double size = std::ceil((static_cast<double>(end) - static_cast<double>(first)) / static_cast<double>(step));
  if (size < 1) node.fail(fmt::format("no integer from {} before {} in steps of {}", first, end, step));
  check_axis_size(node, size);
  Values values;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(size); ++i) values.emplace_back(first + i * step);
  return values;
}

/// To the nearest number of 12 digits, which decimals alone can say; empty where it is not finite.
std::optional<Value> rounded(double value) { return number_value(fmt::format("{:.11e}", value)); }

Values spaced_values(const YamlNode& node, const std::string& form) {
  if (!node.is_sequence() || node.items.size() != 3) node.fail(fmt::format("a {} is [first, last, count]", form));
  const bool logarithmic = form == "geomspace";
  const double first = real_item(node.items[0], "the ends of an axis are numbers");
  const double last = real_item(node.items[1], "the ends of an axis are numbers");
  const std::int64_t count = integer_item(node.items[2], "the count of values is an integer");
  check_axis_size(node, static_cast<double>(count));
  if (logarithmic && !(first > 0 && last > 0)) node.fail("both ends of a geomspace are > 0");
  Values values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
    const double value =
        logarithmic ? std::exp(std::lerp(std::log(first), std::log(last), share)) : std::lerp(first, last, share);
    const auto number = rounded(value);
    if (!number) node.fail("the ends are too large");
    values.push_back(*number);
  }
  return values;
}

/// Others take exponents under this name, and others again the ends.
[[noreturn]] void refuse_logspace(const YamlNode& node) {
  if (!node.is_sequence() || node.items.size() != 3) node.fail("write {geomspace: [first, last, count]}");
  const std::string& first = node.items[0].text;
  const std::string& last = node.items[1].text;
  const std::string& count = node.items[2].text;
  const auto number = [](const std::string& text) { return number_value(text).has_value(); };
  const std::string powers = number("1e" + first) && number("1e" + last)
                                 ? fmt::format("{{geomspace: [1e{}, 1e{}, {}]}}", first, last, count)
                                 : "";
  const bool ends = !first.starts_with('-') && !last.starts_with('-') && first != "0" && last != "0";
  const std::string plain = ends ? fmt::format("{{geomspace: [{}, {}, {}]}}", first, last, count) : "";
  if (powers.empty() && plain.empty()) node.fail("write {geomspace: [first, last, count]}, with ends > 0");
  node.fail(fmt::format("logspace means ends to some and exponents to others; write {}{}{}", plain,
                        plain.empty() || powers.empty() ? "" : " or ", powers));
}

Values form_values(const YamlNode& node) {
  if (node.keys.size() != 1) node.fail(kForms);
  const std::string& form = node.keys[0].text;
  if (form == "range") return range_values(node.items[0]);
  if (form == "linspace" || form == "geomspace") return spaced_values(node.items[0], form);
  if (form == "logspace") refuse_logspace(node.items[0]);
  node.fail(kForms);
}

bool is_free_text(const OptionSpec& spec) { return spec.type() == OptionType::text && spec.choices.empty(); }

/// A list whose values are separated otherwise than YAML does: [0,4; 0,8] or [range(0,3)].
void check_separators(const YamlNode& node) {
  std::vector<std::string> texts;
  bool odd = false;
  for (const auto& item : node.items) {
    texts.push_back(item.text);
    odd = odd || (!item.quoted && item.text.find_first_of(";(") != std::string::npos);
  }
  const std::string meant = odd ? meant_list(fmt::format("{}", fmt::join(texts, ","))) : "";
  if (!meant.empty()) node.fail(fmt::format("the values of a list are separated by commas; write {}", meant));
}

class AxisReader {
 public:
  AxisReader(const OptionSpec* spec, std::deque<YamlNode>& made) : spec_(spec), made_(made) {}

  std::vector<const YamlNode*> read(const YamlNode& node) {
    if (node.is_sequence()) {
      check_axis_size(node, static_cast<double>(node.items.size()));
      if (spec_ && !is_free_text(*spec_)) check_separators(node);
      for (const auto& item : node.items) add_item(item);
      check_axis_size(node, static_cast<double>(out_.size()));
    } else if (node.is_map()) {
      add_values(node.place, form_values(node));
    } else {
      add_scalar(node);
    }
    return std::move(out_);
  }

 private:
  YamlNode& add_made(const Place& place, const std::string& text) {
    YamlNode& node = made_.emplace_back();
    node.kind = YamlNode::Kind::scalar;
    node.place = place;
    node.text = text;
    out_.push_back(&node);
    return node;
  }

  void add_values(const Place& place, const Values& values) {
    for (const auto& value : values) add_made(place, to_string(value)).number = value;
  }

  void add_item(const YamlNode& item) {
    if (item.is_sequence()) item.fail(fmt::format("a list within a list; write {}", flow_text(item)));
    if (item.is_map()) return add_values(item.place, form_values(item));
    out_.push_back(&item);
  }

  void add_scalar(const YamlNode& node) {
    if (!spec_ || is_free_text(*spec_) || !node.is_scalar()) return out_.push_back(&node);
    const bool number = spec_->type() == OptionType::integer || spec_->type() == OptionType::real;
    const std::string readings = number ? comma_readings(node.text, spec_->type() == OptionType::real) : "";
    if (!readings.empty()) node.fail(fmt::format("'{}' is ambiguous; write {}", one_line(node.text), readings));
    if (node.text.find('(') != std::string::npos) {
      const std::string form = meant_list(node.text);
      if (form.starts_with('{')) {
        YamlNode map = parse_yaml(form, node.place.file);
        set_place(map, node.place);
        return add_values(node.place, form_values(map));
      }
    }
    auto texts = split_list(node.text, ',');
    if (texts.size() > 1 && texts.back().empty()) texts.pop_back();
    if (texts.size() == 1) return out_.push_back(&node);
    for (const auto& text : texts) add_made(node.place, text);
  }

  const OptionSpec* spec_;
  std::deque<YamlNode>& made_;
  std::vector<const YamlNode*> out_;
};

}  // namespace

std::vector<const YamlNode*> axis_nodes(const YamlNode& node, const OptionSpec* spec, std::deque<YamlNode>& made) {
  return AxisReader(spec, made).read(node);
}

}  // namespace klbench
