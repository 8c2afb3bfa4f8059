#include "config/spec_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/value_json.h"
#include "core/error.h"

namespace klbench {

namespace {

using nlohmann::json;

constexpr std::array kTypeNames = {"boolean", "integer", "real", "text"};

}  // namespace

void to_json(json& out, const OptionSpec& option) {
  out = {{"name", option.name}, {"help", option.help}, {"type", kTypeNames[option.default_value.index()]}};
  out["default"] = value_json(option.default_value);
  if (std::isfinite(option.min)) out["min"] = option.min;
  if (std::isfinite(option.max)) out["max"] = option.max;
  if (option.min_open) out["min_open"] = true;
  if (option.max_open) out["max_open"] = true;
  if (!option.choices.empty()) out["choices"] = option.choices;
  if (option.is_path) out["is_path"] = true;
  if (!option.only_where.empty()) out["only_where"] = option.only_where;
  if (!option.divides.empty()) out["divides"] = option.divides;
  if (!option.max_where.empty()) out["max_where"] = option.max_where;
}

namespace {

Value default_from_json(const json& option) {
  const std::string type = option.at("type");
  const json& value = option.at("default");
  if (type == "boolean") return value.get<bool>();
  if (type == "integer" && value.is_number_integer()) return value.get<std::int64_t>();
  if (type == "real") return value.get<double>();
  if (type == "text") return value.get<std::string>();
  throw UsageError(fmt::format("default {} is not of type '{}'", value.dump(), one_line(type)));
}

OptionSpec option_from_json(const json& in) {
  OptionSpec option;
  option.name = in.at("name").get<std::string>();
  option.help = in.at("help").get<std::string>();
  option.default_value = default_from_json(in);
  option.min = in.value("min", option.min);
  option.max = in.value("max", option.max);
  option.min_open = in.value("min_open", false);
  option.max_open = in.value("max_open", false);
  option.choices = in.value("choices", option.choices);
  option.is_path = in.value("is_path", false);
  option.only_where = in.value("only_where", "");
  option.divides = in.value("divides", "");
  option.max_where = in.value("max_where", "");
  return option;
}

}  // namespace

void to_json(json& out, const ComponentSpec& spec) {
  out = {{"key", spec.key},
         {"summary", spec.summary},
         {"paper", spec.paper},
         {"recipe", spec.recipe},
         {"replaces", spec.replaces},
         {"changes", spec.changes},
         {"needs_batch_statistics", spec.needs_batch_statistics},
         {"domain", spec.domain},
         {"options", spec.options},
         {"any_latent", spec.any_latent},
         {"sphere_latent", spec.sphere_latent},
         {"asks_model", spec.asks_model},
         {"refines", spec.refines},
         {"own_draws_only", spec.own_draws_only},
         {"of_posteriors", spec.of_posteriors},
         {"units", spec.units},
         {"better", spec.better},
         {"head", spec.head},
         {"needs", spec.needs},
         {"offers", spec.offers},
         {"every_epoch", spec.every_epoch},
         {"by_dimension", spec.by_dimension},
         {"without_latent", spec.without_latent}};
  if (std::isfinite(spec.least)) out["least"] = spec.least;
  if (std::isfinite(spec.most)) out["most"] = spec.most;
}

void from_json(const json& in, ComponentSpec& spec) {
  try {
    spec.key = in.at("key").get<std::string>();
    spec.summary = in.at("summary").get<std::string>();
    spec.paper = in.at("paper").get<std::string>();
    spec.recipe = in.value("recipe", "");
    spec.replaces = in.at("replaces").get<std::vector<std::string>>();
    spec.changes = in.value("changes", std::vector<std::string>());
    spec.needs_batch_statistics = in.at("needs_batch_statistics").get<bool>();
    spec.domain = in.value("domain", "");
    spec.any_latent = in.value("any_latent", false);
    spec.sphere_latent = in.value("sphere_latent", false);
    spec.asks_model = in.value("asks_model", false);
    spec.refines = in.value("refines", false);
    spec.own_draws_only = in.value("own_draws_only", false);
    spec.of_posteriors = in.value("of_posteriors", false);
    spec.units = in.value("units", "");
    spec.better = in.value("better", "");
    spec.head = in.value("head", "");
    spec.needs = in.value("needs", std::vector<std::string>());
    spec.offers = in.value("offers", std::vector<std::string>());
    spec.every_epoch = in.value("every_epoch", false);
    spec.by_dimension = in.value("by_dimension", false);
    spec.without_latent = in.value("without_latent", false);
    spec.least = in.value("least", spec.least);
    spec.most = in.value("most", spec.most);
    spec.options.clear();
    for (const auto& option : in.at("options")) spec.options.push_back(option_from_json(option));
  } catch (const json::exception& error) {
    throw UsageError(fmt::format("not the description of a component: {}", one_line(error.what())));
  }
  check_spec(spec);
}

void to_json(json& out, const Components& components) {
  out = json::object();
  for (const auto& kind : kComponentKinds) {
    auto& specs = out[kind.plural] = json::array();
    for (const auto& [key, spec] : components.*kind.member) specs.push_back(spec);
  }
}

void from_json(const json& in, Components& components) {
  components = {};
  for (const auto& kind : kComponentKinds) {
    for (const auto& item : in.value(kind.plural, json::array())) {
      ComponentSpec spec = item;
      const std::string key = spec.key;
      if (!(components.*kind.member).emplace(key, std::move(spec)).second)
        throw UsageError(fmt::format("the {} '{}' is described twice", kind.what, one_line(key)));
    }
  }
}

}  // namespace klbench
