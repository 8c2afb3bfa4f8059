#include "models/hidden_layers.h"

#include "models/sizes.h"

namespace klbench {

std::vector<OptionSpec> hidden_layer_options() {
  return {size_option("hidden_dim", 256, "units of a hidden layer"), size_option("layers", 2, "hidden layers")};
}

torch::nn::Sequential hidden_layers(const Options& options, std::int64_t inputs) {
  const auto hidden = options.integer("hidden_dim");
  torch::nn::Sequential layers;
  for (std::int64_t i = 0; i < options.integer("layers"); ++i) {
    layers->push_back(torch::nn::Linear(i == 0 ? inputs : hidden, hidden));
    layers->push_back(torch::nn::ReLU());
  }
  return layers;
}

}  // namespace klbench
