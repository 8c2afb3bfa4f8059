#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "config/component_source.h"
#include "config/figures.h"
#include "config/metric_needs.h"
#include "config/option_name.h"
#include "config/settings.h"
#include "config/spec_json.h"
#include "config/value_json.h"
#include "core/error.h"
#include "launch/registry.h"
#include "storage/records.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

namespace klbench {

namespace {

using Json = nlohmann::ordered_json;

/// What is said of one thing that a name may mean, to people and to programs.
struct Description {
  std::string text;
  Json json;
};

/// {kind, what the spec says, the rest}.
Json spec_object(const std::string& kind, const nlohmann::json& spec, const Json& rest = Json::object()) {
  Json json = {{"kind", kind}};
  json.update(Json(spec));
  json.update(rest);
  return json;
}

std::string conditions_of(const OptionSpec& option) {
  std::string text;
  if (!option.only_where.empty()) text += fmt::format(", only where {}", option.only_where);
  if (!option.divides.empty()) text += fmt::format(", divides {}", option.divides);
  if (!option.max_where.empty())
    text += fmt::format(", {} {} where {}", option.max_open ? "<" : "<=", option.max, option.max_where);
  return text;
}

std::string option_text(const OptionSpec& option) {
  return fmt::format("  {}: {}, default {}{}\n      {}\n", option.name, option.describe_type(),
                     to_string(option.default_value), conditions_of(option), option.help);
}

/// The hash that stands in ids; empty for a component of a plugin.
std::string source_text(const ComponentSource* source) {
  if (!source) return "";
  if (source->counts_as == source->present) return fmt::format("source hash: {}\n", source->present);
  return fmt::format("source hash: {}, counts as {}\n", source->present, source->counts_as);
}

std::string source_line(const ComponentSpec& spec) {
  return spec.paper.empty() ? "" : fmt::format("source: {}\n", spec.paper);
}

Description describe_component(const ComponentKind& kind, const ComponentSpec& spec) {
  std::string text = fmt::format("{}: {}\n{}\n", spec.key, kind.what, spec.summary);
  text += source_line(spec);
  if (!spec.recipe.empty()) text += fmt::format("published under (configs/recipes): {}\n", spec.recipe);
  static const std::map<std::string, std::string> domains = {
      {kText, "for: text"}, {kImage, "for: images"}, {kSpace, "z in R^d"}, {kSphere, "z on the unit sphere"}};
  if (!spec.domain.empty()) text += domains.at(spec.domain) + "\n";
  if (!spec.changes.empty()) text += fmt::format("changes: {}\n", fmt::join(spec.changes, ", "));
  if (!spec.replaces.empty()) text += fmt::format("replaces: {}\n", fmt::join(spec.replaces, ", "));
  if (spec.needs_batch_statistics) text += "needs batches of more than one example\n";
  if (!spec.needs.empty()) text += fmt::format("wants: {}\n", fmt::join(spec.needs, ", "));
  if (!spec.offers.empty()) text += fmt::format("offers: {}\n", fmt::join(spec.offers, ", "));
  text += spec.options.empty() ? "options: none\n" : "options:\n";
  for (const auto& option : spec.options) text += option_text(option);
  const ComponentSource* source = component_source(fmt::format("{}/{}", kind.folder, spec.key));
  const Json hashes = {{"source_hash", source ? Json(source->present) : Json()},
                       {"source_counts_as", source ? Json(source->counts_as) : Json()}};
  return {text + source_text(source), spec_object(kind.what, spec, hashes)};
}

Description describe_metric(const MetricInfo& metric) {
  const char* direction = !metric.has_direction     ? "neither high nor low is better"
                          : metric.higher_is_better ? "higher is better"
                                                    : "lower is better";
  const Json better = !metric.has_direction ? Json() : Json(metric.higher_is_better ? "higher" : "lower");
  const auto registered = registered_metrics().find(metric.name);
  const ComponentSpec spec = registered == registered_metrics().end() ? ComponentSpec{} : registered->second;
  const std::string needs = needs_text(spec);
  return {fmt::format("{}: metric\n{}\n{}units: {}\n{}\n{}", metric.name, metric.long_name, source_line(spec),
                      metric.units, direction, needs.empty() ? "" : fmt::format("needs: {}\n", needs)),
          {{"kind", "metric"},
           {"key", metric.name},
           {"summary", metric.long_name},
           {"paper", spec.paper},
           {"units", metric.units},
           {"better", better},
           {"needs", needs}}};
}

Description describe_figure(const FigureKind& kind) {
  std::string text = fmt::format("{}: figure\n{}\n{}keys, beside name and kind:\n", kind.spec.key, kind.spec.summary,
                                 source_line(kind.spec));
  Json keys = Json::array();
  for (const auto& key : kind.keys()) {
    const bool wanted = std::find(kind.wants.begin(), kind.wants.end(), key) != kind.wants.end();
    text += fmt::format("  {}{}: {}\n", key, wanted ? " (required)" : "", kind.help(key));
    keys.push_back({{"name", key}, {"required", wanted}, {"help", kind.help(key)}});
  }
  return {text,
          {{"kind", "figure"},
           {"key", kind.spec.key},
           {"summary", kind.spec.summary},
           {"paper", kind.spec.paper},
           {"keys", keys}}};
}

Description describe_launcher(const ComponentSpec& spec) {
  std::string text = fmt::format("{}: launcher\n{}\n", spec.key, spec.summary);
  text += spec.options.empty() ? "options: none\n" : "options:\n";
  for (const auto& option : spec.options) text += option_text(option);
  return {text, spec_object("launcher", spec)};
}

/// Options whose dotted name is `key` or stands below it ("trainer"), and the sections below it ("model").
std::optional<Description> describe_options(const Schema& schema, const std::string& key) {
  std::string text;
  Json found = Json::array();
  for (const auto& option : schema.options) {
    if (option.name != key && !option.name.starts_with(key + ".")) continue;
    text += option_text(option);
    found.emplace_back(nlohmann::json(option));
  }
  if (found.empty()) return std::nullopt;
  Json json = {{"kind", "options of a study"}, {"key", key}, {"options", found}};
  for (const auto& section : schema.sections()) {
    if (!section.name.starts_with(key + ".")) continue;
    text += fmt::format("  {0}: names the {1} (klbench describe {0}, klbench list {2})\n", section.name, section.what,
                        section.plural);
    json["sections"].push_back(section.name);
  }
  return Description{fmt::format("{}: options of a study\n{}", key, text), json};
}

/// A section that holds one component ("data"), or an option of components by its dotted name: "data.limit",
/// "model.decoder.hidden_dim", and "model.hidden_dim", which encoders and decoders share; of one of them,
/// "bn_vae.gamma" or "regularizer.bn_vae.gamma".
std::optional<Description> describe_section(const Schema& schema, const std::string& key) {
  const OptionNames names(schema);
  if (const auto* section = names.component_section(key)) {
    std::vector<std::string> keys;
    for (const auto& [name, spec] : *section->specs) keys.push_back(name);
    const bool one = section->default_key == section->otherwise;
    const std::string where = section->shares ? "of images" : "on the sphere";
    return Description{fmt::format("{}: names the {}\n  name: one of: {}, default {}{}\n"
                                   "      {}: {{name: ..., options}}, or the name alone\n",
                                   key, section->what, fmt::join(keys, ", "), section->default_key,
                                   one ? "" : fmt::format(" ({} {})", where, section->otherwise), key),
                       {{"kind", "section"},
                        {"key", key},
                        {"names", section->what},
                        {"choices", keys},
                        {"default", section->default_key},
                        {"otherwise", one ? Json() : Json{{"where", where}, {"default", section->otherwise}}}}};
  }
  std::string text;
  Json found = Json::array();
  const auto add = [&](const char* what, const ComponentSpec& spec, const std::string& name) {
    for (const auto& option : spec.options) {
      if (option.name != name) continue;
      text += fmt::format("of {} {}:\n{}", what, spec.key, option_text(option));
      found.push_back(spec_object(what, option, {{"key", spec.key}}));
    }
  };
  for (const std::string& full : names.expanded(key)) {
    const std::size_t dot = full.rfind('.');
    const auto* section = dot == std::string::npos ? nullptr : names.component_section(full.substr(0, dot));
    if (!section) continue;
    for (const auto& [name, spec] : *section->specs) add(section->what, spec, last_part(full));
  }
  const std::string owner = key.substr(0, key.size() - std::min(key.size(), last_part(key).size() + 1));
  for (const auto& kind : kComponentKinds) {
    for (const auto& [name, spec] : schema.*kind.member) {
      if (owner == name || owner == fmt::format("{}.{}", kind.what, name)) add(kind.what, spec, last_part(key));
    }
  }
  for (const auto& [name, launcher] : LauncherRegistry::instance().entries()) {
    if (owner == name) add("launcher", launcher.spec, last_part(key));
  }
  if (found.empty()) return std::nullopt;
  return Description{fmt::format("{}: option of components\n{}", key, text),
                     {{"kind", "options of components"}, {"key", key}, {"options", found}}};
}

/// Refuses a name of nothing; "data: synthetic" and the like with the name that is meant.
[[noreturn]] void refuse_name(const std::string& key, std::vector<std::string> valid) {
  std::sort(valid.begin(), valid.end());
  valid.erase(std::unique(valid.begin(), valid.end()), valid.end());
  const auto known = [&](const std::string& name) { return std::binary_search(valid.begin(), valid.end(), name); };
  for (const auto& kind : kComponentKinds) {
    if (key == kind.what || key == kind.plural)
      throw UsageError(fmt::format("'{}' is a kind of component; klbench list {} names all", key, kind.plural));
  }
  const std::size_t mark = std::min(key.find_first_of(":="), key.size());
  const std::size_t value = std::min(key.find_first_not_of(":= ", mark), key.size());
  for (const std::string& name : {key.substr(value), key.substr(0, mark)}) {
    if (mark < key.size() && known(name))
      throw UsageError(fmt::format("unknown name '{}'; write klbench describe {}", one_line(key), name));
  }
  throw UsageError(fmt::format("{}; klbench list KIND names all: {}", unknown_name("name", key, valid),
                               fmt::join(listed_kinds(), ", ")));
}

/// Everything of that name: components of several kinds may have the same.
std::vector<Description> describe(const std::string& key, const Schema& schema) {
  std::vector<std::string> valid;
  std::vector<Description> all;
  for (const auto& kind : kComponentKinds) {
    if (kind.member == &Components::metrics || kind.member == &Components::figures) continue;  // below
    for (const auto& [name, spec] : schema.*kind.member) {
      if (name == key) all.push_back(describe_component(kind, spec));
      valid.push_back(name);
    }
  }
  for (const auto& metric : known_metrics()) {
    if (metric.name == key) all.push_back(describe_metric(metric));
    valid.push_back(metric.name);
  }
  for (const auto& [name, kind] : FigureRegistry::instance().entries()) {
    if (name == key) all.push_back(describe_figure(kind));
    valid.push_back(name);
  }
  for (const auto& [name, launcher] : LauncherRegistry::instance().entries()) {
    if (name == key) all.push_back(describe_launcher(launcher.spec));
    valid.push_back(name);
  }
  if (!all.empty()) return all;
  if (auto options = describe_options(schema, key)) return {*std::move(options)};
  if (auto section = describe_section(schema, key)) return {*std::move(section)};
  for (const auto& option : schema.options) valid.push_back(option.name);
  refuse_name(key, std::move(valid));
}

void print_descriptions(const std::vector<Description>& all, const std::string& format) {
  std::string text;
  Json json = Json::array();
  for (const auto& one : all) {
    text += (text.empty() ? "" : "\n") + one.text;
    json.push_back(one.json);
  }
  fmt::print("{}", format == "json" ? json_text(json) : text);
}

}  // namespace

Command describe_command() {
  return {"describe",
          "Explain a regularizer, a dataset, an encoder, a decoder, a metric, a figure kind, a launcher or an option",
          [](CLI::App& app) {
            auto key = std::make_shared<std::string>();
            auto plugins = std::make_shared<std::vector<std::string>>();
            app.add_option("key", *key, "bn_vae, bn_vae.gamma, wordnet, kl, curve, trainer, ...")->required();
            auto format = std::make_shared<std::string>();
            add_format(app, *format, {"text", "json"});
            add_plugins(app, *plugins);
            return [key, plugins, format] {
              print_descriptions(describe(*key, full_schema(brought_by(probe_plugins(*plugins)))), *format);
              return 0;
            };
          }};
}

}  // namespace klbench
