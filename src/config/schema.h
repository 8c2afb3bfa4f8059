#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/components.h"

namespace klbench {

/// The sections of a study that hold one component each.
inline constexpr std::array kComponentSections = {"data", "model.encoder", "model.decoder", "model.posterior",
                                                  "model.prior"};

/// All that a study may say: the options at its top (seed, model.*, trainer.*, eval.*, keep.*; dotted names), and the
/// components it may name: regularizer.<key>.<option>, and in a section each data.name, data.<option>, ...
struct Schema : Components {
  std::vector<OptionSpec> options;

  /// A section that holds one component: its name, and what it may be.
  struct Section : ComponentKind {
    std::string name;             ///< one of kComponentSections
    std::string default_key;      ///< taken where a study names none
    std::string otherwise;        ///< the same where the data is images, of priors where z is on the sphere
    bool shares;                  ///< model.<option> is its option, too: encoder's and decoder's
    const ComponentSpecs* specs;  ///< empty: the section does not exist
  };
  std::array<Section, kComponentSections.size()> sections() const {
    return {{{kComponentKinds[1], kComponentSections[0], "synthetic", "synthetic", false, &datasets},
             {kComponentKinds[2], kComponentSections[1], "lstm", "mlp", true, &encoders},
             {kComponentKinds[3], kComponentSections[2], "lstm", "mlp", true, &decoders},
             {kComponentKinds[4], kComponentSections[3], "gaussian", "gaussian", false, &families},
             {kComponentKinds[5], kComponentSections[4], "standard", "sphere", false, &priors}}};
  }
};

/// The options that every study has: seed, model.*, trainer.*, eval.*, keep.*; see core_options.cpp.
std::vector<OptionSpec> core_options();

}  // namespace klbench
