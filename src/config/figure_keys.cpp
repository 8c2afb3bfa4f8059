#include "config/figure_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "config/composition.h"
#include "config/figures.h"

namespace klbench {

namespace {

std::vector<const YamlNode*> items_of(const YamlNode& node, std::string_view what) {
  if (!node.is_sequence()) return {&node};
  if (node.items.empty()) node.fail(fmt::format("{} wants at least one name", what));
  std::vector<const YamlNode*> items;
  for (const auto& item : node.items) items.push_back(&item);
  return items;
}

const std::string& one_of(const YamlNode& node, std::string_view what, const std::vector<std::string>& valid) {
  const std::string& text = scalar_text(node, what);
  if (std::find(valid.begin(), valid.end(), text) == valid.end()) node.fail(unknown_name(what, text, valid));
  return text;
}

double real_of(const YamlNode& node, const std::string& wants) {
  const Value value = node.is_scalar() ? scalar_value(node) : Value(false);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&value);
  if (!real || !std::isfinite(*real)) node.fail(wants);
  return *real;
}

double between(const YamlNode& node, double low, double high, const std::string& wants) {
  const double value = real_of(node, wants);
  if (value < low || value > high) node.fail(wants);
  return value;
}

/// A number within the ends of its key.
double number_of(const YamlNode& node, const FigureKey& key, const char* what) {
  return between(node, key.low, key.high,
                 fmt::format("'{}' wants {} from {} to {}", key.name, what, key.low, key.high));
}

/// Inches that a venue's style file gives its text.
const std::map<std::string, double>& venue_widths() {
  static const std::map<std::string, double> widths = {
      {"acl_column", 7.7 / 2.54}, {"acl_page", 16 / 2.54}, {"neurips", 5.5}};
  return widths;
}

double width_of(const YamlNode& node, const FigureKey& key) {
  const std::string wants = fmt::format("'width' wants acl_column, acl_page, neurips or inches from {} to {}, got '{}'",
                                        key.low, key.high, node.is_scalar() ? one_line(node.text) : "no number");
  if (const auto venue = venue_widths().find(node.text); node.is_scalar() && venue != venue_widths().end()) {
    return venue->second;
  }
  return between(node, key.low, key.high, wants);
}

std::vector<double> limits_of(const YamlNode& node, const std::string& key) {
  const std::string wants = fmt::format("'{0}' wants two numbers, the lower first: {0}: [0, 10]", key);
  if (!node.is_sequence() || node.items.size() != 2) node.fail(wants);
  const std::vector<double> limits = {real_of(node.items[0], wants), real_of(node.items[1], wants)};
  if (!(limits[0] < limits[1])) node.fail(wants);
  return limits;
}

/// "bn_vae gamma=.6": the method, where there is one, in its canonical order, and what else was said.
std::string selector_of(const YamlNode& node, const OptionNames& names) {
  YamlNode method = node;
  const std::string& text = scalar_text(node, "'only'");
  const std::size_t blank = std::min(text.find(' '), text.size());
  if (text.find('=') < blank) return text;
  method.text = text.substr(0, blank);
  check_method(method, names);
  return canonical_method(method.text, names.schema()) + text.substr(blank);
}

/// {name: bn_vae, gamma: [0.4, 0.6]}, {tag: headline}: a selector for each combination of values.
std::vector<std::string> selectors_of(const YamlNode& map, const OptionNames& names) {
  const YamlNode* name = map.find("name");
  std::vector<std::string> selectors = {name ? selector_of(*name, names) : ""};
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (&map.items[i] == name) continue;
    std::vector<std::string> expanded;
    for (const YamlNode* value : items_of(map.items[i], "'only'")) {
      const std::string& text = scalar_text(*value, "an option of 'only'");
      if (text.find(' ') != std::string::npos) value->fail("'only' cannot select a value with a blank in it");
      for (const auto& selector : selectors)
        expanded.push_back(fmt::format("{}{}{}={}", selector, selector.empty() ? "" : " ", map.keys[i].text, text));
    }
    selectors = expanded;
  }
  if (selectors[0].empty()) map.fail("a row is a method, \"bn_vae gamma=.6\", or {name: bn_vae, gamma: 0.6}");
  return selectors;
}

std::vector<std::string> only_of(const YamlNode& node, const OptionNames& names) {
  std::vector<std::string> only;
  for (const YamlNode* item : items_of(node, "'only'")) {
    const auto rows = item->is_map() ? selectors_of(*item, names) : std::vector{selector_of(*item, names)};
    only.insert(only.end(), rows.begin(), rows.end());
  }
  return only;
}

std::string over_of(const YamlNode& node, const OptionNames& names) {
  const std::string& name = scalar_text(node, "'over'");
  if (name == "regularizer") node.fail("'over' wants an option, e.g. regularizer.<key>.<option>");
  names.find(name, node.place);
  return name;
}

std::vector<std::string> metrics_of(const YamlNode& node) {
  std::vector<std::string> metrics;
  for (const YamlNode* item : items_of(node, "'metric'")) metrics.push_back(scalar_text(*item, "'metric'"));
  return metrics;
}

using Key = FigureKey;
using Names = const OptionNames&;

std::vector<FigureKey> make_keys() {
  return {
      {"name", Key::kText, "stem of its files",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.name = file_stem(n, "'name'"); }},
      {"kind", Key::kText, "what is drawn (klbench list figures)",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.kind = one_of(n, "figure kind", figure_kinds()); }},
      {"metric", Key::kList, "a metric or a list of them",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.metrics = metrics_of(n); }},
      {"split",
       Key::kText,
       "test (default), valid or train",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) { f.split = one_of(n, "split", k.choices); },
       {"train", "valid", "test"}},
      {"over", Key::kText, "the swept option, e.g. regularizer.sym_bn_vae.tau",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names names) { f.over = over_of(n, names); }},
      {"only", Key::kList, "methods or rows to draw, e.g. [vae, bn_vae gamma=.6] (default: all)",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names names) { f.only = only_of(n, names); }},
      {"floor", Key::kFlag, "true: the analytic floor of the KL, dashed",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.floor = scalar_flag(n, "'floor'"); }},
      {"log_x", Key::kFlag, "true: logarithmic x axis",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.log_x = scalar_flag(n, "'log_x'"); }},
      {"log_y", Key::kFlag, "true: logarithmic y axis",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.log_y = scalar_flag(n, "'log_y'"); }},
      {"x_limits", Key::kList, "ends of the x axis, e.g. [0, 10]",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.x_limits = limits_of(n, "x_limits"); }},
      {"y_limits", Key::kList, "ends of the y axis, e.g. [0, 10]",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.y_limits = limits_of(n, "y_limits"); }},
      {"title", Key::kText, "text above the figure; none: no title",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.title = scalar_text(n, "'title'"); }},
      {"width",
       Key::kOther,
       "acl_column, acl_page, neurips or inches; its text is 8 pt then",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) { f.width = width_of(n, k); },
       {},
       1,
       20},
      {"height",
       Key::kOther,
       "inches of the whole figure",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) { f.height = number_of(n, k, "inches"); },
       {},
       0.5,
       30},
      {"aspect",
       Key::kOther,
       "width of a panel by its height",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) { f.aspect = number_of(n, k, "a number"); },
       {},
       0.1,
       10},
      {"legend",
       Key::kText,
       "below (default), right, inside or none",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) {
         f.legend = one_of(n, "place of a legend", k.choices);
       },
       {"below", "right", "inside", "none"}},
      {"notes",
       Key::kText,
       "below (default), or file: beside the figure, for its caption",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) {
         f.notes = one_of(n, "place of the notes", k.choices);
       },
       {"below", "file"}},
      {"dpi",
       Key::kOther,
       "pixels an inch of the PNG, 50 to 1200 (default: 220)",
       [](FigureSpec& f, const YamlNode& n, const Key& k, Names) {
         f.dpi = static_cast<int>(number_of(n, k, "a number"));
       },
       {},
       50,
       1200},
      {"transpose", Key::kFlag, "true: a row a metric, a column a method",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) { f.transpose = scalar_flag(n, "'transpose'"); }},
      {"names", Key::kOther, "how methods, options, values, metrics or rows are displayed, e.g. {bn_vae: BN-VAE}",
       [](FigureSpec& f, const YamlNode& n, const Key&, Names) {
         for (auto& [key, name] : parse_names(n)) f.names[key] = name;
       }},
  };
}

}  // namespace

std::vector<std::string> venues() {
  std::vector<std::string> names;
  for (const auto& [name, inches] : venue_widths()) names.push_back(name);
  return names;
}

const std::vector<FigureKey>& figure_keys() {
  static const std::vector<FigureKey> keys = make_keys();
  return keys;
}

const FigureKey* find_figure_key(const std::string& name) {
  const auto& keys = figure_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const FigureKey& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::map<std::string, std::string> parse_names(const YamlNode& node) {
  if (!node.is_map()) node.fail("'names' wants a map, e.g. {bn_vae: BN-VAE, gamma: γ}");
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = scalar_text(node.items[i], "a display name");
    if (name.empty()) node.items[i].fail("a display name is not empty");
    names[node.keys[i].text] = name;
  }
  return names;
}

}  // namespace klbench
