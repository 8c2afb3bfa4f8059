#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// All that a study may say: the options at its top (seed, model.*, trainer.*, eval.*) and the components it may name.
struct Schema {
  std::vector<OptionSpec> options;                    ///< dotted names
  std::map<std::string, ComponentSpec> datasets;      ///< data.name and data.<option>
  std::map<std::string, ComponentSpec> regularizers;  ///< regularizer.<key>.<option>
};

/// The options that every study has: seed, model.*, trainer.*, eval.*, keep.*; see core_options.cpp.
std::vector<OptionSpec> core_options();

}  // namespace klbench
