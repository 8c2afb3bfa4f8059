#pragma once

#include <array>
#include <map>
#include <string>

#include "config/option_spec.h"

namespace klbench {

using ComponentSpecs = std::map<std::string, ComponentSpec>;

/// Components of every kind, by key.
struct Components {
  ComponentSpecs regularizers{}, datasets{}, encoders{}, decoders{}, families{}, priors{}, metrics{}, figures{};
};

/// A kind of component.
struct ComponentKind {
  const char* what;                    ///< as messages call one: "encoder"
  const char* plural;                  ///< as `klbench list` calls them: "encoders"
  const char* folder;                  ///< of src/, where they are: "models/encoders"
  ComponentSpecs Components::*member;  ///< &Components::encoders
};

inline constexpr std::array kComponentKinds = {
    ComponentKind{"regularizer", "regularizers", "regularizers", &Components::regularizers},
    ComponentKind{"dataset", "datasets", "data", &Components::datasets},
    ComponentKind{"encoder", "encoders", "models/encoders", &Components::encoders},
    ComponentKind{"decoder", "decoders", "models/decoders", &Components::decoders},
    ComponentKind{"family", "families", "latent/families", &Components::families},
    ComponentKind{"prior", "priors", "latent/priors", &Components::priors},
    ComponentKind{"metric", "metrics", "metrics", &Components::metrics},
    ComponentKind{"figure kind", "figures", "plotting/kinds", &Components::figures},
};

}  // namespace klbench
