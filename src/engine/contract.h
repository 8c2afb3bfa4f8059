#pragma once

#include <string>
#include <vector>

#include "config/components.h"

namespace klbench {

/// What registered components, made with their default options, break of the contracts of their kinds, one sentence
/// each, "encoder mean_words: ..."; empty: nothing. Checked of
///   regularizers  regularizers/contract.h
///   datasets      consistent examples, the same ones when read again; not where an option names files
///   encoders      [B, d] finite outputs that do not depend on the other examples, nor on padding
///   decoders      [B] finite losses likewise, equal to score, and generate, a function of its generator
///   families      draws, log q of draws; kl against draws; mean and variance against draws
///   priors        log p against quadrature in two dimensions (on the circle of radius 1), draws against log p
/// and of all four that a gradient reaches every parameter. For the tests of plugins.
std::vector<std::string> broken_contracts(const Components& components);

}  // namespace klbench
