#include "config/figures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/figure_keys.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxStem = 100;

/// Refuses keys that the kind would ignore, and the want of one that it needs.
void check_keys(const YamlNode& node, const FigureKind& kind, bool complete) {
  std::vector<std::string> valid = {"name", "kind"};
  const auto keys = kind.keys();
  valid.insert(valid.end(), keys.begin(), keys.end());
  for (const auto& key : node.keys) {
    if (std::find(valid.begin(), valid.end(), key.text) != valid.end()) continue;
    key.fail(
        fmt::format("a figure of kind '{}' takes no '{}'; valid: {}", kind.spec.key, key.text, fmt::join(valid, ", ")));
  }
  for (const auto& key : kind.wants) {
    if (complete && !node.find(key))
      node.fail(fmt::format("a figure of kind '{}' wants '{}', {}", kind.spec.key, key, kind.help(key)));
  }
}

void add_places(FigureSpec& figure, const std::string& key, const YamlNode& node) {
  figure.places.push_back({key, node.text, node.place});
  for (const auto& item : node.items) figure.places.push_back({key, item.text, item.place});
  for (const auto& name : node.keys) figure.places.push_back({key, name.text, name.place});
}

void read_key(FigureSpec& figure, const YamlNode& key, const YamlNode& value, const OptionNames& names) {
  const FigureKey* known = find_figure_key(key.text);
  if (!known) {
    std::vector<std::string> valid;
    for (const auto& other : figure_keys()) valid.push_back(other.name);
    key.fail(unknown_name("key of a figure", key.text, valid));
  }
  known->read(figure, value, *known, names);
  add_places(figure, known->name, value);
}

}  // namespace

Place FigureSpec::place(const std::string& key, const std::string& value) const {
  const auto of = [&](const auto& wanted) { return std::find_if(places.begin(), places.end(), wanted); };
  auto found = of([&](const FigurePlace& at) { return at.key == key && at.value == value; });
  if (found == places.end()) found = of([&](const FigurePlace& at) { return at.key == key; });
  if (found == places.end()) found = places.begin();
  return found == places.end() ? Place() : found->place;
}

FigureRegistry& FigureRegistry::instance() {
  static FigureRegistry registry;
  return registry;
}

std::vector<std::string> FigureKind::keys() const {
  std::vector<std::string> all = wants;
  all.insert(all.end(), takes.begin(), takes.end());
  all.insert(all.end(), {"title", "only", "names", "width"});
  if (is_table) {
    all.push_back("transpose");
  } else {
    all.insert(all.end(), {"height", "aspect", "legend", "notes", "dpi"});
  }
  return all;
}

std::string FigureKind::help(const std::string& key) const {
  if (key == "metric" && !metric_help.empty()) return metric_help;
  if (key == "width" && is_table) return "acl_column, acl_page, neurips or inches: the LaTeX table fits it";
  if (key == "split" && by_epoch) return "valid (default) or train";
  const FigureKey* known = find_figure_key(key);
  return known ? known->help : "a key of a plugin";
}

std::vector<std::string> figure_kinds() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : FigureRegistry::instance().entries()) names.push_back(name);
  return names;
}

const std::string& file_stem(const YamlNode& node, std::string_view what) {
  const std::string& text = scalar_text(node, what);
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  const auto leads = [](char c) { return c == '.' || c == '-'; };
  if (!text.empty() && text.size() <= kMaxStem && !leads(text[0]) && std::all_of(text.begin(), text.end(), safe)) {
    return text;
  }
  std::string right;
  for (const char c : text.substr(0, kMaxStem)) {
    if (safe(c) ? !right.empty() || !leads(c) : !right.empty() && right.back() != '_') right += safe(c) ? c : '_';
  }
  node.fail(fmt::format("{} names files: at most {} of A-Z a-z 0-9 _ . -, not beginning with a dot or dash; got '{}'{}",
                        what, kMaxStem, one_line(text.substr(0, kMaxStem)),
                        right.empty() ? "" : fmt::format("; write {}", right)));
}

void read_figure(FigureSpec& figure, const YamlNode& map, const OptionNames& names) {
  if (!map.is_map()) map.fail("a figure is a map, e.g. {name: kl, kind: curve, metric: kl}");
  const bool is_new = figure.kind.empty();
  if (is_new) figure.places.push_back({"", "", map.place});
  for (std::size_t i = 0; i < map.keys.size(); ++i) read_key(figure, map.keys[i], map.items[i], names);
  if (figure.name.empty()) map.fail("a figure wants 'name'");
  if (figure.kind.empty()) map.fail("a figure wants 'kind'");
  const FigureKind& kind = FigureRegistry::instance().find(figure.kind);
  check_keys(map, kind, is_new);
  const YamlNode* split = map.find("split");
  if (kind.by_epoch && split && figure.split == "test") {
    split->fail(
        fmt::format("a figure of kind '{}' is drawn by epoch, and test is evaluated once, at the end; valid "
                    "splits: valid, train",
                    kind.spec.key));
  }
  if (kind.by_epoch && is_new && !split) figure.split = "valid";
  if (!kind.metric_help.empty() && figure.metrics.size() > 1)
    map.find("metric")->fail(fmt::format("a figure of kind '{}' draws one metric", kind.spec.key));
  if (map.find("height") && map.find("aspect")) map.find("aspect")->fail("give 'height' or 'aspect', not both");
}

std::vector<FigureSpec> parse_figures(const YamlNode* node, const OptionNames& names,
                                      const std::map<std::string, std::string>& displayed) {
  std::vector<FigureSpec> figures;
  if (!node) return figures;
  if (!node->is_sequence()) node->fail("'figures' wants a list of maps");
  std::set<std::string> seen;
  for (const auto& item : node->items) {
    FigureSpec& figure = figures.emplace_back();
    figure.names = displayed;
    read_figure(figure, item, names);
    if (!seen.insert(figure.name).second) {
      item.find("name")->fail(fmt::format("a second figure is called '{}'", figure.name));
    }
  }
  return figures;
}

std::map<std::string, std::string> names_in(const std::string& study_yaml) {
  try {
    const YamlNode root = parse_yaml(study_yaml, "study");
    const YamlNode* names = root.is_map() ? root.find("names") : nullptr;
    return names ? parse_names(*names) : std::map<std::string, std::string>();
  } catch (const UsageError&) {
    return {};
  }
}

}  // namespace klbench
