#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

using ComponentSpecs = std::map<std::string, ComponentSpec>;

/// The sections of a study that hold one component each.
inline constexpr std::array kComponentSections = {"data", "model.encoder", "model.decoder", "model.posterior",
                                                  "model.prior"};

/// All that a study may say: the options at its top (seed, model.*, trainer.*, eval.*) and the components it may name.
struct Schema {
  std::vector<OptionSpec> options;  ///< dotted names
  ComponentSpecs datasets;          ///< data.name and data.<option>
  ComponentSpecs encoders;          ///< model.encoder.name and model.encoder.<option>
  ComponentSpecs decoders;          ///< model.decoder.name and model.decoder.<option>
  ComponentSpecs families;          ///< model.posterior.name and model.posterior.<option>
  ComponentSpecs priors;            ///< model.prior.name and model.prior.<option>
  ComponentSpecs regularizers;      ///< regularizer.<key>.<option>

  /// A section that holds one component: its name, and what it may be.
  struct Section {
    std::string name;             ///< one of kComponentSections
    std::string what;             ///< "dataset", ...
    std::string plural;           ///< what `klbench list` calls them
    std::string folder;           ///< of src/, where they are
    std::string default_key;      ///< taken where a study names none
    std::string otherwise;        ///< the same where the data is images, of priors where z is on the sphere
    bool shares;                  ///< model.<option> is its option, too: encoder's and decoder's
    const ComponentSpecs* specs;  ///< empty: the section does not exist
  };
  std::array<Section, kComponentSections.size()> sections() const {
    return {
        {{kComponentSections[0], "dataset", "datasets", "data", "synthetic", "synthetic", false, &datasets},
         {kComponentSections[1], "encoder", "encoders", "models/encoders", "lstm", "mlp", true, &encoders},
         {kComponentSections[2], "decoder", "decoders", "models/decoders", "lstm", "mlp", true, &decoders},
         {kComponentSections[3], "posterior", "families", "latent/families", "gaussian", "gaussian", false, &families},
         {kComponentSections[4], "prior", "priors", "latent/priors", "standard", "sphere", false, &priors}}};
  }
};

/// The options that every study has: seed, model.*, trainer.*, eval.*, keep.*; see core_options.cpp.
std::vector<OptionSpec> core_options();

}  // namespace klbench
