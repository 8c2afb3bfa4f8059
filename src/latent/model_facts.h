#pragma once

#include <cstdint>

#include "core/image_shape.h"

namespace klbench {

/// What a component is told of the model it is made for.
struct ModelFacts {
  std::int64_t latent_dim = 0;  ///< d; 0: there is no latent variable
  std::int64_t vocabulary = 0;  ///< of text: words the decoder knows, those of core/special_words.h among them
  ImageShape image{};           ///< of images: their shape
};

}  // namespace klbench
