#include "config/cell_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace klbench {

namespace {

constexpr const char* kLanguageModel = "_lm";

/// A value as YAML; text as a JSON string, which YAML reads as the same text.
std::string yaml_scalar(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? nlohmann::json(*text).dump() : to_string(value);
}

std::string yaml_parts(const std::vector<Part>& parts) {
  if (parts.empty()) return "regularizer: []\n";
  std::string out = "regularizer:\n";
  for (const auto& part : parts) {
    out += fmt::format("  - name: {}\n", yaml_scalar(part.key));
    for (const auto& [name, value] : part.options.values())
      out += fmt::format("    {}: {}\n", name, yaml_scalar(value));
  }
  return out;
}

}  // namespace

bool CellConfig::boolean(const std::string& name) const { return value_of<bool>(values, name); }
std::int64_t CellConfig::integer(const std::string& name) const { return value_of<std::int64_t>(values, name); }
double CellConfig::real(const std::string& name) const { return value_of<double>(values, name); }
const std::string& CellConfig::text(const std::string& name) const { return value_of<std::string>(values, name); }

std::map<std::string, Value> CellConfig::section(const std::string& prefix) const {
  std::map<std::string, Value> out;
  const std::string start = prefix + ".";
  for (auto it = values.lower_bound(start); it != values.end() && it->first.starts_with(start); ++it) {
    if (it->first != start + "name") out.emplace(it->first.substr(start.size()), it->second);
  }
  return out;
}

std::string CellConfig::canonical() const {
  std::map<std::string, std::string> entries = {{"regularizer", yaml_parts(regularizer)}};
  for (const auto& [name, value] : values) entries[name] = fmt::format("{}: {}\n", name, yaml_scalar(value));
  std::string out;
  for (const auto& [name, text] : entries) out += text;
  return out;
}

CellConfig CellConfig::of_result() const {
  CellConfig out = *this;
  std::erase_if(out.values, [](const auto& entry) {
    return entry.first.starts_with("keep.") || entry.first == "trainer.checkpoint_every_steps";
  });
  return out;
}

std::map<std::string, Value> CellConfig::flat() const {
  std::map<std::string, Value> out = values;
  for (const auto& part : regularizer) {
    for (const auto& [name, value] : part.options.values()) {
      out.emplace(fmt::format("regularizer.{}.{}", part.key, name), value);
    }
  }
  return out;
}

bool CellConfig::has_latent() const { return integer("model.latent_dim") > 0; }

bool CellConfig::normal_prior() const { return has_latent() && names_if_any("model.prior.name", "standard"); }

bool CellConfig::standard_latent() const { return normal_prior() && names_if_any("model.posterior.name", "gaussian"); }

bool CellConfig::names_if_any(const std::string& name, const std::string& key) const {
  const auto found = values.find(name);
  return found == values.end() || found->second == Value(key);
}

std::string CellConfig::method() const {
  if (!has_latent()) return language_model_of(text("model.decoder.name"));
  std::string out;
  for (const auto& part : regularizer) out += (out.empty() ? "" : "+") + part.key;
  return out;
}

std::string language_model_of(const std::string& decoder) { return decoder + kLanguageModel; }

bool is_language_model(const std::string& method) { return method.ends_with(kLanguageModel); }

void VaryingOptions::add(const std::map<std::string, Value>& cell) {
  for (const auto& [name, value] : cell) {
    if (name == "model.latent_dim" && value == Value(std::int64_t{0})) continue;  // the method says it
    Seen& seen = options_.try_emplace(name, Seen{value}).first->second;
    if (!seen.varies) seen.varies = seen.first != value;
  }
}

std::vector<std::string> VaryingOptions::names() const {
  std::vector<std::string> names;
  for (const auto& [name, seen] : options_) {
    if (seen.varies && name != "seed") names.push_back(name);
  }
  return names;
}

bool VaryingOptions::seed_varies() const {
  const auto seed = options_.find("seed");
  return seed != options_.end() && seed->second.varies;
}

std::vector<std::string> varying_options(const std::vector<std::map<std::string, Value>>& cells) {
  VaryingOptions options;
  for (const auto& cell : cells) options.add(cell);
  return options.names();
}

}  // namespace klbench
