#pragma once

#include <string>
#include <vector>

#include "config/components.h"

namespace klbench {

/// What registered components, made with their default options, break of the contracts of their kinds, one sentence
/// each, "encoder mean_words: ..."; empty: nothing. Checked of
///   regularizers  regularizers/contract.h
///   datasets      consistent examples, the same ones when read again; not where an option names files that are not
///   there encoders      [B, d] finite outputs that do not depend on the other examples, nor on padding decoders [B]
///   finite losses likewise, equal to score, and generate, a function of its generator; without z,
///                 too, unless they need it (kLatent)
///   families      draws, log q of draws; kl against draws; mean and variance against draws
///   priors        log p against quadrature in two dimensions (on the circle of radius 1), draws against log p
///   metrics       of small models of text and images: finite, one value or [d], between least and most, the mean of
///   its
///                 examples, with its source as attributes, the same when measured again
///   figure kinds  made from a small study, or a UsageError that says what that lacks
/// and of encoders to priors that a gradient reaches every parameter. For the tests of plugins.
std::vector<std::string> broken_contracts(const Components& components);

}  // namespace klbench
