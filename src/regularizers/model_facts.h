#pragma once

#include <cstdint>

namespace klbench {

/// What a remedy is told of the model it is made for.
struct ModelFacts {
  std::int64_t latent_dim = 0;  ///< d
  std::int64_t vocabulary = 0;  ///< words the decoder knows, those of core/special_words.h among them
};

}  // namespace klbench
