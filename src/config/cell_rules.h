#pragma once

#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/settings.h"

namespace klbench {

/// The cells that entries of `exclude:` and `tags:` are about: maps, each naming options and the value, or a list of
/// values, they take in such a cell; `regularizer` stands for the method ("bn_vae", "bn_vae+kl_annealing", "lstm_lm").
class CellRules {
 public:
  CellRules() = default;
  /// Adds a rule; `what` is how messages call it. Throws UsageError for unknown names and values.
  void add(const YamlNode& map, const std::string& what, const OptionNames& names);
  /// Whether any rule is about the cell; also notes which are.
  bool match(const CellConfig& cell);
  /// Refuses rules that were about no cell so far.
  void check_used() const;

 private:
  struct Condition {
    std::string name;
    std::vector<std::string> options;  ///< those that the name stands for; the first that a cell has counts
    std::vector<const YamlNode*> nodes;
    std::vector<Value> values;  ///< of `regularizer` methods; empty for data.<option> and its like, whose type the cell
                                ///< knows
  };

  struct Rule {
    Place place;
    std::string what;
    std::vector<Condition> conditions;
    bool used = false;
  };

  static Condition condition_of(const YamlNode& key, const YamlNode& value, const OptionNames& names);
  static bool match(const Condition& condition, const CellConfig& cell);

  std::vector<Rule> rules_;
};

/// The rules of `exclude:`, a list of maps; none where there is no such key. Throws UsageError.
CellRules exclusions(const YamlNode* node, const OptionNames& names);

/// `tags:`, names of kinds of cells, which are no part of their ids: {headline: {regularizer: [vae, bn_vae]}}, the
/// rules of a tag being a map or a list of maps. The tags of each cell, sorted. Throws UsageError, also, unless the
/// grid is `narrowed` by --set, for a rule that is about no cell.
std::vector<std::vector<std::string>> tags_of(const std::vector<CellConfig>& cells, const YamlNode* node,
                                              const OptionNames& names, bool narrowed);

}  // namespace klbench
