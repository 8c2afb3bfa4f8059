#include "models/encoder.h"
#include "models/sizes.h"

namespace klbench {

namespace {

/// Images -> raw mu, raw scale: the pixels as one vector, hidden layers with ReLU, a linear map.
class MlpEncoder : public Encoder {
 public:
  MlpEncoder(const Options& options, const EncoderRequest& request) {
    std::int64_t size = request.model.image.pixels();
    torch::nn::Sequential layers;
    for (std::int64_t i = 0; i < options.integer("layers"); ++i) {
      layers->push_back(torch::nn::Linear(size, options.integer("hidden_dim")));
      layers->push_back(torch::nn::ReLU());
      size = options.integer("hidden_dim");
    }
    layers_ = register_module("layers", layers);
    to_latent_ = register_module("to_latent", torch::nn::Linear(size, 2 * request.model.latent_dim));
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
                             .options = {size_option("hidden_dim", 256, "units of a hidden layer"),
                                         size_option("layers", 2, "hidden layers")},
                             .domain = kImage});

}  // namespace

}  // namespace klbench
