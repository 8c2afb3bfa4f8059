#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "config/component_source.h"
#include "config/figures.h"
#include "config/settings.h"
#include "core/error.h"
#include "launch/registry.h"
#include "storage/records.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

namespace klbench {

namespace {

std::string option_text(const OptionSpec& option) {
  return fmt::format("  {}: {}, default {}\n      {}\n", option.name, option.describe_type(),
                     to_string(option.default_value), option.help);
}

/// The hash that stands in ids; empty for a component of a plugin.
std::string source_text(const std::string& component) {
  const ComponentSource* source = component_source(component);
  if (!source) return "";
  if (source->counts_as == source->present) return fmt::format("source hash: {}\n", source->present);
  return fmt::format("source hash: {}, counts as {}\n", source->present, source->counts_as);
}

std::string component_text(const ComponentKind& kind, const ComponentSpec& spec) {
  std::string text = fmt::format("{}: {}\n{}\n", spec.key, kind.what, spec.summary);
  if (!spec.paper.empty()) text += fmt::format("source: {}\n", spec.paper);
  if (!spec.recipe.empty()) text += fmt::format("published under: configs/recipes/{}.yaml\n", spec.recipe);
  static const std::map<std::string, std::string> domains = {
      {kText, "for: text"}, {kImage, "for: images"}, {kSpace, "z in R^d"}, {kSphere, "z on the unit sphere"}};
  if (!spec.domain.empty()) text += domains.at(spec.domain) + "\n";
  if (!spec.changes.empty()) text += fmt::format("changes: {}\n", fmt::join(spec.changes, ", "));
  if (!spec.replaces.empty()) text += fmt::format("replaces: {}\n", fmt::join(spec.replaces, ", "));
  if (spec.needs_batch_statistics) text += "needs batches of more than one example\n";
  text += spec.options.empty() ? "options: none\n" : "options:\n";
  for (const auto& option : spec.options) text += option_text(option);
  return text + source_text(fmt::format("{}/{}", kind.folder, spec.key));
}

std::string metric_text(const MetricInfo& metric) {
  const char* direction = !metric.has_direction     ? "neither high nor low is better"
                          : metric.higher_is_better ? "higher is better"
                                                    : "lower is better";
  return fmt::format("{}: metric\n{}\nunits: {}\n{}\n", metric.name, metric.long_name, metric.units, direction);
}

std::string figure_text(const FigureKind& kind) {
  std::string text = fmt::format("{}: figure\n{}\nkeys, beside name and kind:\n", kind.spec.key, kind.spec.summary);
  for (const auto& key : kind.keys()) {
    const bool wanted = std::find(kind.wants.begin(), kind.wants.end(), key) != kind.wants.end();
    text += fmt::format("  {}{}: {}\n", key, wanted ? " (required)" : "", kind.help(key));
  }
  return text;
}

std::string launcher_text(const ComponentSpec& spec) {
  std::string text = fmt::format("{}: launcher\n{}\n", spec.key, spec.summary);
  text += spec.options.empty() ? "options: none\n" : "options:\n";
  for (const auto& option : spec.options) text += option_text(option);
  return text;
}

/// Options whose dotted name is `key` or stands below it ("trainer").
std::string options_text(const std::vector<OptionSpec>& options, const std::string& key) {
  std::string text;
  for (const auto& option : options) {
    if (option.name == key || option.name.rfind(key + ".", 0) == 0) text += option_text(option);
  }
  return text.empty() ? "" : fmt::format("{}: options of a study\n{}", key, text);
}

/// A section that holds one component ("data"), or an option of components by its dotted name: "data.limit",
/// "model.decoder.hidden_dim", and "model.hidden_dim", which encoders and decoders share.
std::string section_text(const Schema& schema, const std::string& key) {
  const OptionNames names(schema);
  if (const auto* section = names.component_section(key)) {
    std::vector<std::string> keys;
    for (const auto& [name, spec] : *section->specs) keys.push_back(name);
    const bool one = section->default_key == section->otherwise;
    return fmt::format(
        "{}: names the {}\n  name: one of: {}, default {}{}\n      {}: {{name: ..., options}}, or the name alone\n",
        key, section->what, fmt::join(keys, ", "), section->default_key,
        one ? "" : fmt::format(" ({} {})", section->shares ? "of images" : "on the sphere", section->otherwise), key);
  }
  std::string text;
  for (const std::string& full : names.expanded(key)) {
    const std::size_t dot = full.rfind('.');
    const auto* section = dot == std::string::npos ? nullptr : names.component_section(full.substr(0, dot));
    if (!section) continue;
    for (const auto& [name, spec] : *section->specs) {
      for (const auto& option : spec.options) {
        if (option.name == full.substr(dot + 1))
          text += fmt::format("of {} {}:\n{}", section->what, name, option_text(option));
      }
    }
  }
  return text.empty() ? "" : fmt::format("{}: option of components\n{}", key, text);
}

std::string describe(const std::string& key, const Schema& schema) {
  std::vector<std::string> valid;
  std::string both;  // components of several kinds may have the same name
  for (const auto& kind : kComponentKinds) {
    if (kind.member == &Components::metrics || kind.member == &Components::figures) continue;  // below
    for (const auto& [name, spec] : schema.*kind.member) {
      if (name == key) both += (both.empty() ? "" : "\n") + component_text(kind, spec);
      valid.push_back(name);
    }
  }
  for (const auto& metric : known_metrics()) {
    if (metric.name == key) both += (both.empty() ? "" : "\n") + metric_text(metric);
    valid.push_back(metric.name);
  }
  for (const auto& [name, kind] : FigureRegistry::instance().entries()) {
    if (name == key) both += (both.empty() ? "" : "\n") + figure_text(kind);
    valid.push_back(name);
  }
  for (const auto& [name, launcher] : LauncherRegistry::instance().entries()) {
    if (name == key) both += (both.empty() ? "" : "\n") + launcher_text(launcher.spec);
    valid.push_back(name);
  }
  if (!both.empty()) return both;
  if (const std::string options = options_text(schema.options, key); !options.empty()) return options;
  if (const std::string section = section_text(schema, key); !section.empty()) return section;
  for (const auto& option : schema.options) valid.push_back(option.name);
  std::sort(valid.begin(), valid.end());
  valid.erase(std::unique(valid.begin(), valid.end()), valid.end());
  throw UsageError(unknown_name("name", key, valid));
}

}  // namespace

Command describe_command() {
  return {"describe",
          "Explain a regularizer, a dataset, an encoder, a decoder, a metric, a figure kind, a launcher or an option",
          [](CLI::App& app) {
            auto key = std::make_shared<std::string>();
            auto plugins = std::make_shared<std::vector<std::string>>();
            app.add_option("key", *key, "bn_vae, wordnet, mi, curve, trainer, trainer.lr, ...")->required();
            add_plugins(app, *plugins);
            return [key, plugins] {
              fmt::print("{}", describe(*key, full_schema(brought_by(probe_plugins(*plugins)))));
              return 0;
            };
          }};
}

}  // namespace klbench
