#pragma once

#include "config/option_spec.h"

namespace klbench {

/// What remedies that normalise call alike: the gain, what keeps a division finite, and how running statistics move.
inline OptionSpec gamma_option(const char* help) {
  return {.name = "gamma", .default_value = 0.6, .help = help, .min = 0, .min_open = true};
}
inline OptionSpec eps_option(double value, const char* help = "added to the batch variance") {
  return {.name = "eps", .default_value = value, .help = help, .min = 0, .min_open = true};
}
inline OptionSpec momentum_option(double value = 0.1) {
  return {.name = "momentum",
          .default_value = value,
          .help = "share of a batch in the running statistics",
          .min = 0,
          .max = 1};
}

}  // namespace klbench
