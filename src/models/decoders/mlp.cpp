#include "models/decoder.h"
#include "models/hidden_layers.h"
#include "models/nn/bernoulli.h"

namespace klbench {

namespace {

/// z -> images: hidden layers with ReLU, then the logit of every pixel, which is white or black independently of the
/// others given z. Without a latent variable it is one distribution for all images.
class MlpDecoder : public ImageDecoder {
 public:
  MlpDecoder(const Options& options, const DecoderRequest& request) : shape_(request.model.image) {
    has_latent_ = request.model.latent_dim > 0;
    auto layers = hidden_layers(options, has_latent_ ? request.model.latent_dim : 1);
    layers->push_back(torch::nn::Linear(options.integer("hidden_dim"), shape_.pixels()));
    layers_ = register_module("layers", layers);
  }

  torch::Tensor loss(const Batch& batch, const torch::Tensor& z) override {
    const auto input = has_latent_ ? z : torch::ones({batch.size(), 1}, batch.x.options());
    return nn::bernoulli_nll(layers_->forward(input), batch.x.flatten(1));
  }

  torch::Tensor score(const Batch& batch, const torch::Tensor& z) override {
    const torch::NoGradGuard no_grad;
    const auto input = has_latent_ ? z : torch::ones({z.size(0), z.size(1), 1}, batch.x.options());
    return nn::bernoulli_nll(layers_->forward(input), batch.x.flatten(1));
  }

  torch::Tensor generate(const torch::Tensor& z, torch::Generator /*generator*/) override {
    const torch::NoGradGuard no_grad;
    return expected(z);
  }

  torch::Tensor expected(const torch::Tensor& z) override {
    const auto input = has_latent_ ? z : torch::ones({z.size(0), 1}, z.options());
    const auto& [channels, height, width] = shape_;
    return torch::sigmoid(layers_->forward(input)).view({z.size(0), channels, height, width});
  }

 private:
  ImageShape shape_;
  bool has_latent_;
  torch::nn::Sequential layers_{nullptr};
};

KLBENCH_DECODER(MlpDecoder, {.key = "mlp",
                             .summary = "fully connected layers with ReLU, pixels independent given z (Bernoulli)",
                             .paper = "Kingma and Welling, ICLR 2014",
                             .options = hidden_layer_options(),
                             .domain = kImage});

}  // namespace

}  // namespace klbench
