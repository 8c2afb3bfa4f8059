#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "config/option_spec.h"

namespace klbench {

/// An option that is the size of a layer, or a number of layers.
inline OptionSpec size_option(std::string name, std::int64_t value, std::string help, std::int64_t min = 1) {
  return {.name = std::move(name),
          .default_value = value,
          .help = std::move(help),
          .min = static_cast<double>(min),
          .max = 65536};
}

/// An option that is a share of units dropped in training.
inline OptionSpec dropout_option(std::string name, double value, std::string help) {
  return {.name = std::move(name), .default_value = value, .help = std::move(help), .min = 0, .max = 0.999};
}

}  // namespace klbench
