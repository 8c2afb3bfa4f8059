#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// The options hidden_dim and layers of fully connected networks.
std::vector<OptionSpec> hidden_layer_options();

/// So many linear maps, each with ReLU, from [..., inputs] to [..., hidden_dim].
torch::nn::Sequential hidden_layers(const Options& options, std::int64_t inputs);

}  // namespace klbench
