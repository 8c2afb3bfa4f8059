#include "models/encoder.h"
#include "models/nn/convolution.h"
#include "models/sizes.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Two 3 x 3 convolutions, the first of stride 2, and a 1 x 1 one beside them.
class HalvingBlockImpl : public torch::nn::Module {
 public:
  HalvingBlockImpl(std::int64_t in_channels, std::int64_t channels, bool batch_norm) {
    main_ = register_module(
        "main", torch::nn::Sequential(nn::convolution(in_channels, channels, 3, 2), nn::norm(channels, batch_norm),
                                      torch::nn::ELU(), nn::convolution(channels, channels, 3),
                                      nn::norm(channels, batch_norm)));
    beside_ = register_module(
        "beside", torch::nn::Sequential(nn::convolution(in_channels, channels, 1, 2), nn::norm(channels, batch_norm)));
  }
  Tensor forward(const Tensor& x) { return torch::elu(main_->forward(x) + beside_->forward(x)); }

 private:
  torch::nn::Sequential main_{nullptr}, beside_{nullptr};
};
TORCH_MODULE(HalvingBlock);

/// Images -> raw mu, raw scale: three residual blocks that halve height and width, a convolution over what is left, a
/// linear map; as in the public code of He et al. 2019 (modules/encoders/enc_resnet_v2.py), smaller by default.
class ResNetEncoder : public Encoder {
 public:
  ResNetEncoder(const Options& options, const EncoderRequest& request) {
    const auto channels = options.integer("hidden_channels"), features = options.integer("features");
    const bool batch_norm = options.boolean("batch_norm");
    auto [in_channels, height, width] = request.model.image;
    torch::nn::Sequential main;
    for (int i = 0; i < 3; ++i) {
      main->push_back(HalvingBlock(in_channels, channels, batch_norm));
      in_channels = channels;
      height = (height + 1) / 2;
      width = (width + 1) / 2;
    }
    main->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, features, {height, width}).bias(false)));
    main->push_back(nn::norm(features, batch_norm));
    main->push_back(torch::nn::ELU());
    main_ = register_module("main", main);
    to_latent_ = register_module("to_latent", torch::nn::Linear(features, 2 * request.model.latent_dim));
    torch::nn::init::xavier_uniform_(to_latent_->weight);
    torch::nn::init::zeros_(to_latent_->bias);
  }

  RawPosterior forward(const Batch& batch) override {
    const auto halves = to_latent_->forward(main_->forward(batch.x).flatten(1)).chunk(2, 1);
    return {halves[0], halves[1]};
  }

 private:
  torch::nn::Sequential main_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};

KLBENCH_ENCODER(ResNetEncoder,
                {.key = "resnet",
                 .summary = "three residual blocks that halve the image",
                 .paper = "He et al., ICLR 2019",
                 .options = {size_option("hidden_channels", 32, "channels of a block (64 in the public reference)"),
                             size_option("features", 128, "features of the whole image (512 in the public reference)"),
                             {.name = "batch_norm",
                              .default_value = false,
                              .help = "batch normalisation after every convolution, as the public code has it"}},
                 .domain = kImage});

}  // namespace

}  // namespace klbench
