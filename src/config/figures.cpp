#include "config/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace klbench {

namespace {

constexpr std::size_t kMaxStem = 100;

std::vector<std::string> text_list(const YamlNode& node, const std::string& what) {
  if (!node.is_sequence()) return {scalar_text(node, what)};
  std::vector<std::string> out;
  for (const auto& item : node.items) out.push_back(scalar_text(item, what));
  if (out.empty()) node.fail(fmt::format("{} wants at least one name", what));
  return out;
}

const std::string& one_of(const YamlNode& node, const std::string& what, const std::vector<std::string>& valid) {
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

FigureSpec parse_figure(const YamlNode& node, const std::map<std::string, Reader>& readers) {
  if (!node.is_map()) node.fail("a figure is a map, e.g. {name: kl, kind: curve, metric: kl}");
  FigureSpec figure;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto reader = readers.find(node.keys[i].text);
    if (reader == readers.end()) {
      std::vector<std::string> valid;
      for (const auto& [key, unused] : readers) valid.push_back(key);
      node.keys[i].fail(unknown_name("key of a figure", node.keys[i].text, valid));
    }
    reader->second(figure, node.items[i]);
  }
  const auto is = [&](std::initializer_list<const char*> kinds) {
    return std::find(kinds.begin(), kinds.end(), figure.kind) != kinds.end();
  };
  if (figure.name.empty()) node.fail("a figure wants 'name'");
  if (figure.kind.empty()) node.fail("a figure wants 'kind'");
  if (figure.metrics.empty() && is({"curve", "bars", "sweep"})) {
    node.fail(fmt::format("a figure of kind '{}' wants 'metric'", figure.kind));
  }
  if (figure.over.empty() && is({"sweep"})) node.fail("a figure of kind 'sweep' wants 'over', the swept option");
  if (!node.find("split") && is({"curve", "dynamics"})) figure.split = "valid";  // test is evaluated once, at the end
  return figure;
}

}  // namespace

std::vector<std::string> figure_kinds() {
  return {"curve",     "bars",   "sweep",   "rate_distortion", "table", "heatmap",
          "histogram", "latent", "moments", "mean_space",      "floor", "dynamics"};
}

const std::string& file_stem(const YamlNode& node, const std::string& what) {
  const std::string& text = scalar_text(node, what);
  const bool safe =
      !text.empty() && text.size() <= kMaxStem && text[0] != '.' && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
      });
  if (!safe) {
    node.fail(fmt::format("{} names files: at most {} of A-Z a-z 0-9 _ . -, not beginning with a dot; got '{}'", what,
                          kMaxStem, one_line(text.substr(0, kMaxStem))));
  }
  return text;
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
