#include "config/study_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/figure_keys.h"
#include "config/figures.h"

namespace klbench {

namespace {

using Json = nlohmann::ordered_json;

/// How values stand in a map: one; an axis, a list or one of its short forms; one or several that a cell may have.
enum class Mode { kOne, kAxis, kAny };

Json pointer(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }
Json any_of(std::vector<Json> forms) { return forms.size() == 1 ? forms[0] : Json{{"anyOf", std::move(forms)}}; }
Json list_of(Json items) { return {{"type", "array"}, {"minItems", 1}, {"items", std::move(items)}}; }
Json one_or_several(const Json& value) { return any_of({value, list_of(value)}); }
Json scalar() { return {{"type", {"string", "number", "boolean"}}}; }

Json object_of(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

/// Whole where it is whole.
Json number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

/// The value of an option, with what is known of it.
Json value_of(const OptionSpec& option) {
  Json out;
  switch (option.type()) {
    case OptionType::boolean:
      out["enum"] = {true, false, "yes", "no", "on", "off"};
      break;
    case OptionType::text:
      out = option.choices.empty() ? scalar() : Json{{"enum", option.choices}};
      break;
    case OptionType::integer:
    case OptionType::real:
      out["type"] = option.type() == OptionType::integer ? "integer" : "number";
      if (std::isfinite(option.min)) out[option.min_open ? "exclusiveMinimum" : "minimum"] = number(option.min);
      if (std::isfinite(option.max) && option.max_where.empty())
        out[option.max_open ? "exclusiveMaximum" : "maximum"] = number(option.max);
  }
  std::visit([&](const auto& value) { out["default"] = value; }, option.default_value);
  out["description"] = option.help;
  return out;
}

class SchemaWriter {
 public:
  SchemaWriter(const Schema& schema, const StudyWords& words) : schema_(schema), words_(words) {
    for (const auto& section : schema_.sections()) {
      if (!section.specs->empty()) sections_.push_back(section);
    }
    for (const auto& option : schema_.options) add_option(option.name, option);
    for (const auto& section : sections_) add_section(section);
    for (const auto& [key, spec] : schema_.regularizers) {
      regularizers_.push_back(key);
      for (const auto& option : spec.options) add_option(fmt::format("regularizer.{}.{}", key, option.name), option);
    }
    for (const auto& [key, spec] : schema_.decoders) language_models_.push_back(language_model_of(key));
    definitions_["axis"] = {
        {"description", "values of an axis in short"},
        {"oneOf",
         {object_with("range", "[first, end] or [first, end, step], integers, without the end", 2, "integer"),
          object_with("linspace", "[first, last, count], evenly spaced", 3, "number"),
          object_with("geomspace", "[first, last, count], evenly spaced in logarithm", 3, "number")}}};
    for (const auto& [name, values] : options_) definitions_["value:" + name] = any_of(values);
  }

  Json root() {
    Json properties = {
        {"study", study_name()},
        {"include",
         described(one_or_several({{"type", "string"}}), "files whose options go below these; relative to this")},
        {"set", described(object_of(options("", Mode::kOne)), "options, as they may stand at the top")},
        {"sweep", described(any_of({pointer("grid"), list_of(pointer("grid"))}), "axes of a grid, or a list of grids")},
        {"exclude", described(list_of(pointer("rule")), "cells to leave out")},
        {"tags", tags()},
        {"figures", {{"type", "array"}, {"items", pointer("figure")}, {"description", "what klbench plot draws"}}},
        {"names", described(display_names(), "how methods, options, values, metrics or rows are displayed")},
        {"baseline", {{"type", "string"}, {"description", "the row that tables compare the others with"}}},
        {"plugins", described(one_or_several({{"type", "string"}}), "shared libraries with components")},
        {"launcher", launcher()}};
    definitions_["grid"] = object_of(options("", Mode::kAxis));
    definitions_["rule"] = object_of(options("", Mode::kAny));
    definitions_["rule"]["minProperties"] = 1;
    definitions_["figure"] = figure();
    properties.update(options("", Mode::kOne));
    Json root = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "a study of klbench, or a file that studies include"}};
    root.update(object_of(std::move(properties)));
    for (const char* key : {"sweep", "exclude", "tags", "figures", "names", "baseline"})
      root["dependencies"][key] = {"study"};
    root["definitions"] = definitions_;
    return root;
  }

 private:
  static Json described(Json value, const std::string& what) {
    value["description"] = what;
    return value;
  }

  static Json object_with(const char* form, const char* help, int items, const char* type) {
    Json list = {
        {"type", "array"}, {"minItems", items}, {"maxItems", 3}, {"items", {{"type", type}}}, {"description", help}};
    Json object = object_of({{form, std::move(list)}});
    object["required"] = {form};
    return object;
  }

  void add_option(const std::string& name, const OptionSpec& option) {
    auto& values = options_[name];
    Json value = value_of(option);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
  }

  static std::vector<std::string> keys_of(const ComponentSpecs& specs) {
    std::vector<std::string> keys;
    for (const auto& [key, spec] : specs) keys.push_back(key);
    return keys;
  }

  void add_section(const Schema::Section& section) {
    options_[section.name + ".name"] = {{{"enum", keys_of(*section.specs)}, {"description", section.what}}};
    for (const auto& [key, spec] : *section.specs) {
      for (const auto& option : spec.options) {
        add_option(section.name + "." + option.name, option);
        if (section.shares) add_option("model." + option.name, option);
      }
    }
  }

  static Json in_mode(const Json& value, Mode mode) {
    if (mode == Mode::kOne) return value;
    if (mode == Mode::kAny) return one_or_several(value);
    return any_of({value, list_of(any_of({value, pointer("axis")})), pointer("axis")});
  }

  /// {name: KEY, options}: each KEY with its options and no others; without a name any of them.
  Json component_map(const ComponentSpecs& specs, Mode mode, bool named, const std::string& prefix = "") {
    Json all, cases = Json::array();
    all["name"] = {{"enum", keys_of(specs)}};
    for (const auto& [key, spec] : specs) {
      Json own = {{"name", {{"const", key}, {"description", spec.summary}}}};
      for (const auto& option : spec.options) {
        own[option.name] = in_mode(value_of(option), mode);
        all[option.name] = prefix.empty() ? Json(true) : in_mode(pointer("value:" + prefix + option.name), mode);
      }
      cases.push_back({{"if", {{"required", {"name"}}, {"properties", {{"name", {{"const", key}}}}}}},
                       {"then", object_of(std::move(own))}});
    }
    Json map = object_of(std::move(all));
    if (named) map["required"] = {"name"};
    map["allOf"] = std::move(cases);
    return map;
  }

  /// Under a section's name: a component's, or the map of its options; on an axis a list of such, or a map of axes.
  Json component(const Schema::Section& section, Mode mode) {
    const std::string definition = fmt::format("{}:{}", section.name, mode == Mode::kAxis ? "axis" : "one");
    if (!definitions_.contains(definition)) {
      const Json name = pointer("value:" + section.name + ".name");
      const std::string prefix = section.name + ".";
      if (mode == Mode::kAxis) {
        definitions_[definition] =
            any_of({name, list_of(any_of({name, component_map(*section.specs, mode, false, prefix)})),
                    object_of(options(prefix, mode))});
      } else {
        definitions_[definition] = any_of({name, component_map(*section.specs, mode, false, prefix)});
      }
    }
    return pointer(definition);
  }

  Json methods(const std::string& separators, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = regularizers_;
    words.insert(words.end(), more.begin(), more.end());
    const std::string any = fmt::format("({})", fmt::join(words, "|"));
    return any_of(
        {{{"enum", words}}, {{"type", "string"}, {"pattern", fmt::format("^{0}( *[{1}] *{0})*$", any, separators)}}});
  }

  /// A composition, or an axis of them; in a rule the name of a method.
  Json regularizer(Mode mode) {
    const std::string definition = fmt::format("regularizer:{}", static_cast<int>(mode));
    if (definitions_.contains(definition)) return pointer(definition);
    if (mode == Mode::kAny) {
      definitions_[definition] = one_or_several(methods("+", language_models_));
    } else {
      const Json part = any_of({methods("+"), component_map(schema_.regularizers, mode, true)});
      definitions_[definition + ":part"] = part;
      const Json parts = pointer(definition + ":part");
      definitions_[definition] = mode == Mode::kOne
                                     ? any_of({parts, list_of(parts)})
                                     : any_of({methods("+,"), parts, list_of(any_of({parts, list_of(parts)}))});
    }
    return pointer(definition);
  }

  /// The options below `prefix` by the rest of their names, and the sections that are there.
  Json options(const std::string& prefix, Mode mode) {
    Json properties = Json::object();
    std::set<std::string> sections;
    for (const auto& [name, values] : options_) {
      if (!name.starts_with(prefix)) continue;
      const std::string rest = name.substr(prefix.size());
      properties[rest] = in_mode(pointer("value:" + name), mode);
      const std::size_t dot = rest.find('.');
      if (dot != std::string::npos && rest.substr(0, dot) != "regularizer") sections.insert(rest.substr(0, dot));
    }
    if (prefix.empty()) properties["regularizer"] = regularizer(mode);
    if (mode == Mode::kAny) return properties;
    for (const auto& section : sections_) {
      if (section.name.starts_with(prefix)) properties[section.name.substr(prefix.size())] = component(section, mode);
    }
    for (const auto& name : sections) {
      if (!properties.contains(name)) properties[name] = object_of(options(prefix + name + ".", mode));
    }
    return properties;
  }

  static Json study_name() {
    return {{"type", {"string", "number"}},
            {"pattern", R"(^(?!.*\.(yaml|yml|h5)$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$)"},
            {"description", "the name of the study and of its files"}};
  }

  static Json display_names() {
    return {{"type", "object"},
            {"additionalProperties", {{"type", {"string", "number", "boolean"}}, {"minLength", 1}}}};
  }

  static Json tags() {
    return {{"type", "object"},
            {"propertyNames", {{"pattern", "^[A-Za-z0-9_.-]+$"}}},
            {"additionalProperties", any_of({pointer("rule"), list_of(pointer("rule"))})},
            {"description", "names of kinds of cells, which are no part of their ids"}};
  }

  Json launcher() const {
    Json cases = Json::array();
    for (const auto& [key, spec] : words_.launchers) {
      Json own = {{"name", {{"const", key}, {"description", spec.summary}}}};
      for (const auto& option : spec.options) {
        const Json value = value_of(option);
        own[option.name] = option.type() == OptionType::text ? one_or_several(value) : value;
      }
      cases.push_back({{"if", {{"required", {"name"}}, {"properties", {{"name", {{"const", key}}}}}}},
                       {"then", object_of(std::move(own))}});
    }
    const Json name = any_of({{{"enum", keys_of(words_.launchers)}}, {{"type", "string"}}});
    return described(
        any_of(
            {name, {{"type", "object"}, {"required", {"name"}}, {"properties", {{"name", name}}}, {"allOf", cases}}}),
        "where cells are computed; a name of launchers.yaml, too");
  }

  Json figure_value(const FigureKey& key) const {
    Json out;
    const Json metric = any_of({{{"enum", words_.metrics}}, {{"type", "string"}}});
    if (key.name == "name") out = study_name();
    if (key.name == "kind") out["enum"] = figure_kinds();
    if (key.name == "metric") out = one_or_several(metric);
    if (key.name == "only") out = one_or_several({{"type", {"string", "object"}}, {"minProperties", 1}});
    if (key.name == "names") out = display_names();
    if (key.name == "over") {
      for (const auto& [name, values] : options_) out["enum"].push_back(name);
    }
    if (key.name.ends_with("_limits"))
      out = {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", {{"type", "number"}}}};
    if (!key.choices.empty()) out["enum"] = key.choices;
    if (key.form == FigureKey::kFlag) out["enum"] = {true, false, "yes", "no", "on", "off"};
    if (key.low < key.high) out = {{"type", "number"}, {"minimum", number(key.low)}, {"maximum", number(key.high)}};
    if (key.name == "width") out = any_of({out, {{"enum", venues()}}});
    if (out.empty()) out = scalar();
    return described(std::move(out), key.help);
  }

  /// An entry of `figures:`, by its kind.
  Json figure() const {
    Json all, cases = Json::array();
    for (const auto& key : figure_keys()) all[key.name] = figure_value(key);
    for (const auto& [name, kind] : FigureRegistry::instance().entries()) {
      Json own = {{"name", all["name"]}, {"kind", {{"const", name}, {"description", kind.spec.summary}}}};
      for (const auto& key : kind.keys()) {
        own[key] = all.contains(key) ? described(all[key], kind.help(key)) : Json(true);
        if (key == "split" && kind.by_epoch) own[key]["enum"] = {"valid", "train"};
      }
      Json then = object_of(std::move(own));
      if (!kind.wants.empty()) then["required"] = kind.wants;
      cases.push_back(
          {{"if", {{"required", {"kind"}}, {"properties", {{"kind", {{"const", name}}}}}}}, {"then", std::move(then)}});
    }
    return {{"type", "object"},
            {"required", {"name", "kind"}},
            {"properties", std::move(all)},
            {"allOf", std::move(cases)}};
  }

  const Schema& schema_;
  const StudyWords& words_;
  std::vector<Schema::Section> sections_;             ///< those that have something to name
  std::map<std::string, std::vector<Json>> options_;  ///< dotted name -> its values, several where components differ
  std::vector<std::string> regularizers_, language_models_;
  Json definitions_ = Json::object();
};

}  // namespace

std::string study_schema(const Schema& schema, const StudyWords& words) {
  return SchemaWriter(schema, words).root().dump(1) + "\n";
}

}  // namespace klbench
