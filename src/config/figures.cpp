#include "config/figures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "config/composition.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxStem = 100;

std::vector<std::string> text_list(const YamlNode& node, std::string_view what) {
  if (!node.is_sequence()) return {scalar_text(node, what)};
  std::vector<std::string> out;
  for (const auto& item : node.items) out.push_back(scalar_text(item, what));
  if (out.empty()) node.fail(fmt::format("{} wants at least one name", what));
  return out;
}

const std::string& one_of(const YamlNode& node, std::string_view what, const std::vector<std::string>& valid) {
  const std::string& text = scalar_text(node, what);
  if (std::find(valid.begin(), valid.end(), text) == valid.end()) node.fail(unknown_name(what, text, valid));
  return text;
}

using Reader = std::function<void(FigureSpec&, const YamlNode&)>;

std::map<std::string, Reader> readers(const OptionNames& names) {
  const auto option = [&names](const YamlNode& node) {
    const std::string& name = scalar_text(node, "'over'");
    if (name == "regularizer") node.fail("'over' wants an option, e.g. regularizer.<key>.<option>");
    names.find(name, node.place);
    return name;
  };
  const auto methods = [&names](const YamlNode& node) {
    auto out = text_list(node, "'only'");
    if (node.is_scalar()) check_method(node, names);
    for (const auto& item : node.items) check_method(item, names);
    for (auto& method : out) method = canonical_method(method, names.schema());
    return out;
  };
  return {
      {"name", [](FigureSpec& f, const YamlNode& n) { f.name = file_stem(n, "'name'"); }},
      {"kind", [](FigureSpec& f, const YamlNode& n) { f.kind = one_of(n, "figure kind", figure_kinds()); }},
      {"title", [](FigureSpec& f, const YamlNode& n) { f.title = scalar_text(n, "'title'"); }},
      {"metric", [](FigureSpec& f, const YamlNode& n) { f.metrics = text_list(n, "'metric'"); }},
      {"split",
       [](FigureSpec& f, const YamlNode& n) {
         f.split = one_of(n, "split", {"train", "valid", "test"});
       }},
      {"over", [option](FigureSpec& f, const YamlNode& n) { f.over = option(n); }},
      {"floor", [](FigureSpec& f, const YamlNode& n) { f.floor = scalar_flag(n, "'floor'"); }},
      {"log_x", [](FigureSpec& f, const YamlNode& n) { f.log_x = scalar_flag(n, "'log_x'"); }},
      {"log_y", [](FigureSpec& f, const YamlNode& n) { f.log_y = scalar_flag(n, "'log_y'"); }},
      {"only", [methods](FigureSpec& f, const YamlNode& n) { f.only = methods(n); }},
  };
}

/// Refuses keys that the kind would ignore, and the want of one that it needs.
void check_keys(const YamlNode& node, const FigureKind& kind) {
  std::vector<std::string> valid = {"name", "kind"};
  const auto keys = kind.keys();
  valid.insert(valid.end(), keys.begin(), keys.end());
  for (const auto& key : node.keys) {
    if (std::find(valid.begin(), valid.end(), key.text) != valid.end()) continue;
    key.fail(
        fmt::format("a figure of kind '{}' takes no '{}'; valid: {}", kind.spec.key, key.text, fmt::join(valid, ", ")));
  }
  for (const auto& key : kind.wants) {
    if (!node.find(key))
      node.fail(fmt::format("a figure of kind '{}' wants '{}', {}", kind.spec.key, key, kind.help(key)));
  }
}

void add_places(FigureSpec& figure, const std::string& key, const YamlNode& node) {
  figure.places.push_back({key, node.text, node.place});
  for (const auto& item : node.items) figure.places.push_back({key, item.text, item.place});
}

FigureSpec parse_figure(const YamlNode& node, const std::map<std::string, Reader>& readers) {
  if (!node.is_map()) node.fail("a figure is a map, e.g. {name: kl, kind: curve, metric: kl}");
  FigureSpec figure;
  figure.places.push_back({"", "", node.place});
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto reader = readers.find(node.keys[i].text);
    if (reader == readers.end()) {
      std::vector<std::string> valid;
      for (const auto& [key, unused] : readers) valid.push_back(key);
      node.keys[i].fail(unknown_name("key of a figure", node.keys[i].text, valid));
    }
    reader->second(figure, node.items[i]);
    add_places(figure, reader->first, node.items[i]);
  }
  if (figure.name.empty()) node.fail("a figure wants 'name'");
  if (figure.kind.empty()) node.fail("a figure wants 'kind'");
  const YamlNode* split = node.find("split");
  const FigureKind& kind = FigureRegistry::instance().find(figure.kind);
  check_keys(node, kind);
  if (kind.by_epoch && split && figure.split == "test") {
    split->fail(
        fmt::format("a figure of kind '{}' is drawn by epoch, and test is evaluated once, at the end; valid "
                    "splits: valid, train",
                    kind.spec.key));
  }
  if (kind.by_epoch && !split) figure.split = "valid";
  if (kind.spec.key == "heatmap" && figure.metrics.size() > 1) node.find("metric")->fail("a heatmap draws one metric");
  return figure;
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
  all.insert(all.end(), {"title", "only"});
  return all;
}

std::string FigureKind::help(const std::string& key) const {
  static const std::map<std::string, std::string> texts = {
      {"metric", "a metric or a list of them"},
      {"split", "test (default), valid or train"},
      {"over", "the swept option, e.g. regularizer.sym_bn_vae.tau"},
      {"floor", "true: the analytic floor of the KL, dashed"},
      {"log_x", "true: logarithmic x axis"},
      {"log_y", "true: logarithmic y axis"},
      {"title", "text above the figure"},
      {"only", "methods to draw, e.g. [vae, bn_vae+kl_annealing] (default: all)"},
  };
  if (key == "metric" && spec.key == "heatmap") return "a metric of every dimension (default: kl_dim)";
  return key == "split" && by_epoch ? "valid (default) or train" : texts.at(key);
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

std::vector<FigureSpec> parse_figures(const YamlNode* node, const OptionNames& names) {
  std::vector<FigureSpec> figures;
  if (!node) return figures;
  if (!node->is_sequence()) node->fail("'figures' wants a list of maps");
  const auto all = readers(names);
  std::set<std::string> seen;
  for (const auto& item : node->items) {
    figures.push_back(parse_figure(item, all));
    if (!seen.insert(figures.back().name).second) {
      item.find("name")->fail(fmt::format("a second figure is called '{}'", figures.back().name));
    }
  }
  return figures;
}

}  // namespace klbench
