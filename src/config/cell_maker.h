#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/axes.h"
#include "config/cell_config.h"

namespace klbench {

/// Resolves one cell from layers of settings.
class CellMaker {
 public:
  /// `resolve_paths`: path options are relative to the file that gives them; false: they are taken as they are.
  CellMaker(const OptionNames& names, bool resolve_paths);

  /// Every option of the cell: `settings` over the defaults, and the parts of `composition`, whose options come from
  /// `settings` (regularizer.<key>.<option>) under `given` of the entry under those of `above`.
  CellConfig make(const Settings& settings, const Composition& composition, const Settings& above) const;

  /// Refuses options that contradict each other; empties the composition of a language model.
  /// `swept`: the composition stands in the sweep of this cell's grid.
  void finish(CellConfig& cell, const Settings& settings, const Composition& composition, bool swept) const;

 private:
  void resolve_data(CellConfig& cell, const Settings& settings) const;

  const OptionNames& names_;
  bool resolve_paths_;
  std::map<std::string, Value> defaults_;  ///< of the core options
};

/// Which cells `exclude:` leaves out: a list of maps, each naming options and the value, or a list of values, they take
/// in an excluded cell; `regularizer` stands for the method ("bn_vae", "bn_vae+kl_annealing", "lstm_lm").
class Exclusions {
 public:
  /// `node`: the list, or null. Throws UsageError for unknown names and values.
  Exclusions(const YamlNode* node, const OptionNames& names);
  bool match(const CellConfig& cell) const;

 private:
  struct Condition {
    std::string name;
    std::vector<const YamlNode*> nodes;
    std::vector<Value> values;  ///< empty for data.<option>, whose type the cell knows
  };

  static bool match(const Condition& condition, const CellConfig& cell);

  std::vector<std::vector<Condition>> rules_;
};

}  // namespace klbench
