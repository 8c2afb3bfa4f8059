#include "models/encoder.h"
#include "models/hidden_layers.h"

namespace klbench {

namespace {

/// Images -> raw mu, raw scale: the pixels as one vector, hidden layers with ReLU, a linear map.
class MlpEncoder : public Encoder {
 public:
  MlpEncoder(const Options& options, const EncoderRequest& request) {
    layers_ = register_module("layers", hidden_layers(options, request.model.image.pixels()));
    to_latent_ =
        register_module("to_latent", torch::nn::Linear(options.integer("hidden_dim"), 2 * request.model.latent_dim));
  }

  RawPosterior forward(const Batch& batch) override {
    const auto halves = to_latent_->forward(layers_->forward(batch.x.flatten(1))).chunk(2, 1);
    return {halves[0], halves[1]};
  }

 private:
  torch::nn::Sequential layers_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};

KLBENCH_ENCODER(MlpEncoder, {.key = "mlp",
                             .summary = "fully connected layers with ReLU over the pixels",
                             .paper = "Kingma and Welling, ICLR 2014",
                             .options = hidden_layer_options(),
                             .domain = kImage});

}  // namespace

}  // namespace klbench
