#include "sweep/identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/component_source.h"
#include "config/schema.h"
#include "core/build_info.h"
#include "core/files.h"
#include "data/dataset.h"
#include "sweep/plan.h"

namespace klbench {

namespace {

constexpr const char* kComment = "# identity: ";

/// Core options at these values are left out of identities. A line never changes: an option whose default is changed
/// keeps its line, so that cells with the new default become other cells. A new option gets the default that keeps the
/// numbers of the cells from before it (tests/sweep/identity_test.cpp asks for its line).
const std::map<std::string, std::string>& unwritten_values() {
  static const std::map<std::string, std::string> values = {
      {"seed", "0"},
      {"model.latent_dim", "32"},
      {"trainer.epochs", "10"},
      {"trainer.steps", "0"},
      {"trainer.batch_size", "32"},
      {"trainer.accumulate", "1"},
      {"trainer.batching", "iid"},
      {"trainer.optimizer", "sgd"},
      {"trainer.lr", "1.0"},
      {"trainer.momentum", "0.0"},
      {"trainer.clip", "5.0"},
      {"trainer.decay", "0.5"},
      {"trainer.patience", "2"},
      {"trainer.min_decay_epoch", "0"},
      {"trainer.max_decays", "5"},
      {"trainer.device", "cpu"},
      {"trainer.precision", "auto"},
      {"eval.every", "1"},
      {"eval.batch_size", "64"},
      {"eval.mi_samples", "1"},
      {"eval.nll_samples", "500"},
      {"eval.nll_examples", "0"},
      {"eval.nll_tolerance", "0.0"},
      {"eval.nll_check_examples", "0"},
      {"eval.probe", "false"},
      {"eval.mean_space", "false"},
      {"eval.generation", "false"},
  };
  return values;
}

/// One line, different for different values.
std::string shown(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (!text || text->find_first_of("\n\r\t\"\\ ") == std::string::npos) return to_string(value);
  return nlohmann::json(*text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const OptionSpec* find_option(const std::vector<OptionSpec>& options, const std::string& name) {
  for (const auto& option : options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

/// What a study may say without plugins, made once.
struct Known {
  Schema schema = full_schema({});
  std::array<Schema::Section, kComponentSections.size()> sections = schema.sections();
};

const Known& known() {
  static const Known everything;
  return everything;
}

/// What cells from before there were others have.
bool is_reference(const std::string& section, const Value& key) {
  return (section == "model.posterior" && key == Value(std::string("gaussian"))) ||
         (section == "model.prior" && key == Value(std::string("standard")));
}

/// Whether another option of the cell takes its place, so that it counts for nothing.
bool overridden(const std::string& name, const CellConfig& config) {
  if (name == "trainer.epochs") return config.integer("trainer.steps") > 0;
  if (name != "data.min_count" && name != "data.max_vocabulary") return false;
  const auto words = config.values.find("data.vocabulary");
  return words != config.values.end() && words->second != Value(std::string());
}

/// Core options: at the table's value, or, without an entry, at the default. Options of a component: paths, and what is
/// at its default, as the hash of the data or of the component's source says what a changed one does.
bool left_out(const std::string& name, const Value& value, const CellConfig& config) {
  if (overridden(name, config)) return true;
  for (const auto& section : known().sections) {
    const std::string prefix = section.name + ".";
    if (!name.starts_with(prefix)) continue;
    if (name == prefix + "name") return is_reference(section.name, value);
    const std::string& key = config.text(prefix + "name");
    const auto builtin = section.specs->find(key);
    if (builtin == section.specs->end() && section.name != "data") return false;
    const auto& spec = builtin == section.specs->end() ? DatasetRegistry::instance().find(key).spec : builtin->second;
    const OptionSpec* option = find_option(spec.options, name.substr(prefix.size()));
    return option && (option->is_path || option->default_value == value);
  }
  const std::string unwritten = unwritten_value(name);
  if (!unwritten.empty()) return shown(value) == unwritten;
  const OptionSpec* option = find_option(known().schema.options, name);
  return option && option->default_value == value;
}

void add_part(const Part& part, const std::map<std::string, std::string>& plugin_hashes, Identity& identity) {
  const auto plugin = plugin_hashes.find(part.key);
  const auto* source = plugin == plugin_hashes.end() ? component_source("regularizers/" + part.key) : nullptr;
  if (plugin != plugin_hashes.end()) identity["plugin " + part.key] = plugin->second;
  if (source) identity["component " + part.key] = source->counts_as;
  for (const auto& [name, value] : part.options.values()) {
    const OptionSpec* option = source ? find_option(known().schema.regularizers.at(part.key).options, name) : nullptr;
    if (option && option->default_value == value) continue;
    identity[fmt::format("regularizer.{}.{}", part.key, name)] = shown(value);
  }
}

}  // namespace

std::string unwritten_value(const std::string& option) {
  const auto found = unwritten_values().find(option);
  return found == unwritten_values().end() ? "" : found->second;
}

std::string component_fact(const ComponentKind& kind, const std::string& key) {
  if (kind.member == &Components::regularizers) return key;
  // Ids were made when a family was called a posterior.
  return fmt::format("{} {}", kind.member == &Components::families ? "posterior" : kind.what, key);
}

Identity identity_of(const CellConfig& config, const std::string& data_hash,
                     const std::map<std::string, std::string>& plugin_hashes) {
  Identity identity = {{"data", data_hash}, {"numerics", std::to_string(kNumericsVersion)}};
  for (const auto& [name, value] : config.of_result().values) {
    if (!left_out(name, value, config)) identity[name] = shown(value);
  }
  for (const auto& section : known().sections) {
    const auto name = config.values.find(section.name + ".name");
    if (section.name == "data" || name == config.values.end() || is_reference(section.name, name->second)) continue;
    const std::string& key = std::get<std::string>(name->second);
    const std::string fact = component_fact(section, key);
    const auto plugin = plugin_hashes.find(fact);
    if (plugin != plugin_hashes.end()) {
      identity["plugin " + fact] = plugin->second;
    } else if (const auto* source = component_source(fmt::format("{}/{}", section.folder, key))) {
      identity[fact] = source->counts_as;
    }
  }
  // The encoder's noise, which LSTMs have none of, was another when it encoded again.
  const auto encoder = config.values.find("model.encoder.name");
  if (config.integer("trainer.accumulate") > 1 && encoder != config.values.end() &&
      encoder->second != Value(std::string("lstm")))
    identity["accumulation"] = "2";
  for (const auto& [fact, hash] : plugin_hashes) {  // the numbers of every cell have it
    if (fact.starts_with("metric ")) identity["plugin " + fact] = hash;
  }
  if (!config.regularizer.empty()) identity["regularizer"] = config.method();
  for (const auto& part : config.regularizer) add_part(part, plugin_hashes, identity);
  return identity;
}

std::string cell_id(const Identity& identity) {
  std::string text;
  for (const auto& [fact, value] : identity) text += fmt::format("{} = {}\n", fact, value);
  return content_hash(text).substr(0, kIdDigits);
}

std::string identity_comments(const Identity& identity) {
  std::string text;
  for (const auto& [fact, value] : identity) text += fmt::format("{}{} = {}\n", kComment, fact, value);
  return text;
}

Identity read_identity_comments(const std::string& text) {
  Identity identity;
  const std::string mark = kComment;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    if (!line.starts_with(mark) || equals == std::string::npos) continue;
    identity[line.substr(mark.size(), equals - mark.size())] = line.substr(equals + 3);
  }
  return identity;
}

std::vector<FactChange> differences(const Identity& before, const Identity& now) {
  std::vector<FactChange> out;
  const auto value = [](const Identity& identity, const std::string& fact) {
    const auto found = identity.find(fact);
    return found == identity.end() ? "" : found->second;
  };
  Identity all = before;
  all.insert(now.begin(), now.end());
  for (const auto& [fact, any] : all) {
    if (value(before, fact) != value(now, fact)) out.push_back({fact, value(before, fact), value(now, fact)});
  }
  return out;
}

std::string difference_text(const std::vector<FactChange>& differences) {
  std::vector<std::string> parts;
  for (const auto& [fact, before, now] : differences) {
    const std::size_t space = fact.find(' ');
    const bool has_both = !before.empty() && !now.empty();
    if (fact == "data") {
      parts.emplace_back("the data are others");
    } else if (space != std::string::npos) {  // of a part: without both the method says it
      const char* what = fact.starts_with("plugin") ? "plugin" : "source";
      if (has_both) parts.push_back(fmt::format("the {} of {} has changed", what, fact.substr(space + 1)));
    } else if (now.empty()) {
      parts.push_back(fmt::format("{} at its default instead of {}", fact, before));
    } else {
      parts.push_back(fmt::format("{} {} instead of {}", fact, now, before.empty() ? "its default" : before));
    }
  }
  if (parts.empty() && !differences.empty()) return "a remedy is defined elsewhere";
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace klbench
