#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/yaml_reader.h"

namespace klbench {

/// One option as a YAML file or --set gives it.
struct Setting {
  const YamlNode* node = nullptr;
  Place key_place;
  /// Checked value; unused for options of a section's component (data.<option>), whose type depends on the component
  /// that the cell has, and for `regularizer`.
  Value value;
  /// Written model.<option>, for encoder and decoder: a component without such an option passes it over.
  bool shared = false;
};

/// Dotted name -> setting; `regularizer` itself is one entry.
using Settings = std::map<std::string, Setting>;

/// Names of a study's options: the schema, indexed for lookups.
class OptionNames {
 public:
  explicit OptionNames(const Schema& schema);

  const Schema& schema() const { return *schema_; }
  bool is_section(const std::string& name) const { return sections_.contains(name); }
  /// The section that holds one component of this name ("model.encoder"); null where there is none.
  const Schema::Section* component_section(const std::string& name) const;
  const std::vector<Schema::Section>& component_sections() const { return components_; }
  /// The names that one stands for: model.hidden_dim, no option itself, is model.encoder.hidden_dim and
  /// model.decoder.hidden_dim; every other name is itself.
  std::vector<std::string> expanded(const std::string& name) const;
  /// The spec of a dotted name (with that name); null for options of a section's component and for `regularizer`.
  /// Throws UsageError at `place` when there is no such option, naming the nearest and the valid ones.
  const OptionSpec* find(const std::string& name, const Place& place) const;
  /// The same, for data.<option> and its like that of any component that has it; null for `regularizer` and unknown
  /// names.
  const OptionSpec* any_like(const std::string& name) const;
  /// What `name`, which is none of `valid`, may stand for: dotted names that end in it ("lr") or in its last part, else
  /// the nearest valid name, else dotted names whose last part is nearest; at most 3.
  std::vector<std::string> suggestions(const std::string& name, const std::vector<std::string>& valid) const;
  /// Throws UsageError at `place`, naming the right form of what else may be meant by `key`.
  const ComponentSpec& regularizer(const std::string& key, const Place& place) const;
  /// Option `name` of the regularizer `spec`; throws UsageError at `place`.
  static const OptionSpec& option_of(const ComponentSpec& spec, const std::string& name, const Place& place);

  /// The setting of a dotted name to a scalar node (`regularizer`: to any node), under each name that it stands for.
  Settings setting(const std::string& name, const YamlNode& node, const Place& key_place) const;

 private:
  [[noreturn]] void unknown(const std::string& name, const Place& place) const;
  /// Every dotted name, with those of all datasets and regularizers, sorted.
  std::vector<std::string> all() const;

  const Schema* schema_;
  std::map<std::string, OptionSpec> options_;    ///< core options and the names of components (data.name)
  std::map<std::string, OptionSpec> shared_;     ///< model.<option> of encoders and decoders
  std::vector<Schema::Section> components_;      ///< those that have something to name
  std::map<std::string, OptionSpec> remedies_;   ///< regularizer.<key>.<option>
  std::map<std::string, std::string> sections_;  ///< section -> its first option
};

/// Adds the options of a map to `out`, nested sections (`model: {latent_dim: 8}`) and dotted names alike; `known` are
/// keys of the map to leave out. Throws UsageError for unknown names, bad values and names given twice.
void add_settings(const YamlNode& map, const OptionNames& names, const std::vector<std::string>& known, Settings& out);

/// Checks "bn_vae+kl_annealing" or "lstm_lm" against the known regularizers and decoders; throws UsageError at the
/// node.
void check_method(const YamlNode& node, const OptionNames& names);

/// Puts `upper` over `lower`. Options of a dataset, an encoder or a decoder in `lower` belong to the one it names: they
/// go when `upper` names another.
void override_settings(Settings& lower, const Settings& upper);

}  // namespace klbench
