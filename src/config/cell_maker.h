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
  /// `resolve_paths`: path options become absolute, see resolve_path; false: they are taken as they are.
  CellMaker(const OptionNames& names, bool resolve_paths);

  /// Every option of the cell: `settings` over the defaults, and the parts of `composition`, whose options come from
  /// `settings` (regularizer.<key>.<option>) under `given` of the entry under those of `above`.
  CellConfig make(const Settings& settings, const Composition& composition, const Settings& above) const;

  /// Refuses options that contradict each other; empties the composition of a language model.
  /// `asked`: the composition is meant for this cell, so that a language model must not drop it.
  void finish(CellConfig& cell, const Settings& settings, const Composition& composition, bool asked) const;

  /// Refuses options of core and remedies that are not at their default where they count for nothing
  /// (OptionSpec::only_where); the layers are those of make.
  void check_effects(const CellConfig& cell, const Settings& settings, const Composition& composition,
                     const Settings& above) const;

 private:
  /// The component that a section names, and its options.
  void resolve_component(const Schema::Section& section, CellConfig& cell, const Settings& settings) const;
  /// Refuses options of a component that do not go with one another (conflict_of).
  void check_options(const CellConfig& cell, const Settings& settings, const Composition& composition) const;
  /// Refuses remedies and, of text, priors that ask encoder or decoder for what it does not offer.
  void check_offers(const CellConfig& cell, const Settings& settings, const Composition& composition) const;
  /// Refuses encoders, decoders and remedies that are for other data.
  void check_domains(const CellConfig& cell, const Settings& settings, const Composition& composition) const;
  /// Refuses a prior that does not go with the posterior, and remedies that do not go with the two.
  void check_latent(const CellConfig& cell, const Settings& settings, const Composition& composition) const;
  /// Refuses what cannot be computed micro-batch by micro-batch.
  void check_accumulation(const CellConfig& cell, const Settings& settings,
                          const std::vector<const ComponentSpec*>& remedies) const;

  const OptionNames& names_;
  bool resolve_paths_;
  std::map<std::string, Value> defaults_;  ///< of the core options
};

}  // namespace klbench
