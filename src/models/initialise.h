#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "config/option_spec.h"

namespace klbench {

/// The option "init" of encoders and decoders of text.
OptionSpec init_option();

/// Draws the weights of a module anew, from `seed` alone, whatever its constructor drew:
///   torch         nothing: LibTorch's defaults stay
///   uniform       U(-0.01, 0.01), embeddings (parameters "embedding.weight") U(-0.1, 0.1), as the public code of He et
///                 al. 2019
///   uniform_0.1   all U(-0.1, 0.1), as that of Kim et al. 2018 and Fu et al. 2019
void initialise(torch::nn::Module& module, const std::string& init, std::uint64_t seed);

}  // namespace klbench
