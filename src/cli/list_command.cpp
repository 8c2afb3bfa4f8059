#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "config/figures.h"
#include "core/error.h"
#include "launch/registry.h"
#include "storage/records.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

namespace klbench {

namespace {

struct ListArguments {
  std::string what;
  std::string format = "text";
  bool longer = false;  ///< --long
  std::vector<std::string> plugins;
};

Listing components(const ComponentSpecs& specs, bool longer) {
  Listing listing{{"key", "summary", "paper"}, {}};
  if (longer) listing.columns.insert(listing.columns.end(), {"changes", "recipe"});
  for (const auto& [key, spec] : specs) {
    listing.rows.push_back({key, spec.summary, spec.paper});
    if (longer) {
      const std::string changes = fmt::format("{}", fmt::join(spec.changes, ", "));
      listing.rows.back().insert(listing.rows.back().end(), {changes, spec.recipe});
    }
  }
  return listing;
}

/// Refuses what is called otherwise here, or is not listed but described.
[[noreturn]] void refuse_list(const std::string& what) {
  static const std::map<std::string, const char*> forms = {
      {"posteriors", "what model.posterior names are families: write 'families'"},
      {"remedies", "remedies are regularizers: write 'regularizers'"},
      {"methods", "methods are regularizers: write 'regularizers'"},
      {"models", "a model is an encoder and a decoder: write 'encoders' or 'decoders'"},
      {"recipes", "recipes are YAML files that studies include: ls configs/recipes/*.yaml"},
      {"studies", "studies are YAML files; klbench status STUDY shows what was computed of one"},
      {"options", "options are described by section or name: klbench describe trainer, klbench describe trainer.lr"}};
  const auto form = forms.find(what);
  throw UsageError(form == forms.end() ? unknown_name("list", what, listed_kinds()) : form->second);
}

Listing make_listing(const ListArguments& arguments) {
  const Schema schema = full_schema(brought_by(probe_plugins(arguments.plugins)));
  if (arguments.what == "metrics") {
    Listing listing{{"name", "long_name", "units"}, {}};
    for (const auto& metric : known_metrics()) listing.rows.push_back({metric.name, metric.long_name, metric.units});
    return listing;
  }
  if (arguments.what == "figures") {
    Listing listing{{"kind", "summary", "keys"}, {}};
    for (const auto& [key, kind] : FigureRegistry::instance().entries()) {
      auto keys = kind.wants;  // beside those that all have, which `describe` names, too
      keys.insert(keys.end(), kind.takes.begin(), kind.takes.end());
      listing.rows.push_back({key, kind.spec.summary, fmt::format("{}", fmt::join(keys, ", "))});
    }
    return listing;
  }
  if (arguments.what == "launchers") return components(LauncherRegistry::instance().specs(), arguments.longer);
  for (const auto& kind : kComponentKinds) {
    if (arguments.what == kind.plural) return components(schema.*kind.member, arguments.longer);
  }
  refuse_list(arguments.what);
}

}  // namespace

Command list_command() {
  return {
      "list", "List regularizers, datasets, encoders, decoders, families, priors, metrics, figure kinds or launchers",
      [](CLI::App& app) {
        auto arguments = std::make_shared<ListArguments>();
        app.add_option("what", arguments->what, fmt::format("{}", fmt::join(listed_kinds(), ", ")))->required();
        app.add_flag("--long", arguments->longer, "Of regularizers also what they change, and the published recipe");
        add_listing_format(app, arguments->format);
        add_plugins(app, arguments->plugins);
        return [arguments] {
          fmt::print("{}", format_listing(make_listing(*arguments), arguments->format));
          return 0;
        };
      }};
}

}  // namespace klbench
