#include "models/transformer_stack.h"

#include "models/nn/attention.h"
#include "models/sizes.h"

namespace klbench {

std::vector<OptionSpec> transformer_options() {
  auto heads = size_option("heads", 4, "attention heads");
  heads.divides = "hidden_dim";
  return {size_option("hidden_dim", 128, "width of a state"), size_option("layers", 2, "layers"), heads,
          size_option("feedforward_dim", 256, "units between the two maps of a layer"),
          dropout_option("dropout", 0.1, "dropout on the output of every part of a layer")};
}

TransformerStackImpl::TransformerStackImpl(const Options& options, std::int64_t memory) {
  const auto width = options.integer("hidden_dim");
  const nn::TransformerSizes sizes{width, options.integer("heads"), options.integer("feedforward_dim"), memory,
                                   options.real("dropout")};
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < options.integer("layers"); ++i) layers_->push_back(nn::TransformerLayer(sizes));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
}

torch::Tensor TransformerStackImpl::forward(torch::Tensor x, const torch::Tensor& allowed,
                                            const torch::Tensor& memory) {
  for (std::size_t i = 0; i < layers_->size(); ++i)
    x = layers_->ptr<nn::TransformerLayerImpl>(i)->forward(x, allowed, memory);
  return norm_->forward(x);
}

}  // namespace klbench
