#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "config/figures.h"
#include "core/error.h"
#include "data/dataset.h"
#include "storage/records.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

namespace klbench {

namespace {

struct Arguments {
  std::string what;
  std::string format = "text";
  std::vector<std::string> plugins;
};

const std::vector<std::string> kWhat = {"regularizers", "datasets", "encoders", "decoders",
                                        "families",     "priors",   "metrics",  "figures"};

Listing components(const std::map<std::string, ComponentSpec>& specs) {
  Listing listing{{"key", "summary", "paper"}, {}};
  for (const auto& [key, spec] : specs) listing.rows.push_back({key, spec.summary, spec.paper});
  return listing;
}

Listing make_listing(const Arguments& arguments) {
  if (arguments.what == "metrics") {
    Listing listing{{"name", "long_name", "units"}, {}};
    for (const auto& metric : known_metrics()) listing.rows.push_back({metric.name, metric.long_name, metric.units});
    return listing;
  }
  if (arguments.what == "figures") {
    Listing listing{{"kind", "summary", "keys"}, {}};
    for (const auto& kind : figure_kind_table()) {
      listing.rows.push_back({kind.name, kind.summary, fmt::format("{}", fmt::join(kind.keys(), ", "))});
    }
    return listing;
  }
  const Schema schema = full_schema(plugin_specs(probe_plugins(arguments.plugins)));
  if (arguments.what == "regularizers") return components(schema.regularizers);
  for (const auto& section : schema.sections()) {
    if (arguments.what == section.plural) return components(*section.specs);
  }
  throw UsageError(unknown_name("list", arguments.what, kWhat));
}

}  // namespace

Command list_command() {
  return {"list", "List regularizers, datasets, encoders, decoders, families, priors, metrics or figure kinds",
          [](CLI::App& app) {
            auto arguments = std::make_shared<Arguments>();
            app.add_option("what", arguments->what, fmt::format("{}", fmt::join(kWhat, ", ")))->required();
            add_listing_format(app, arguments->format);
            add_plugins(app, arguments->plugins);
            return [arguments] {
              fmt::print("{}", format_listing(make_listing(*arguments), arguments->format));
              return 0;
            };
          }};
}

}  // namespace klbench
