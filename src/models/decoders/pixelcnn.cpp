#include <algorithm>
#include <deque>
#include <numeric>

#include "models/decoder.h"
#include "models/nn/bernoulli.h"
#include "models/nn/convolution.h"
#include "models/sizes.h"

namespace klbench {

namespace {

using nn::Mask;
using torch::Tensor;

/// Residual block of 1 x 1, masked and 1 x 1 convolutions at half the channels.
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(std::int64_t channels, std::int64_t kernel, bool batch_norm) {
    const std::int64_t half = channels / 2;
    main_ = register_module(
        "main",
        torch::nn::Sequential(nn::convolution(channels, half, 1), nn::norm(half, batch_norm), torch::nn::ELU(),
                              nn::MaskedConvolution(Mask::b, half, half, kernel), nn::norm(half, batch_norm),
                              torch::nn::ELU(), nn::convolution(half, channels, 1), nn::norm(channels, batch_norm)));
  }
  Tensor forward(const Tensor& x) { return torch::elu(main_->forward(x) + x); }

 private:
  torch::nn::Sequential main_{nullptr};
};
TORCH_MODULE(Block);

struct Layout {
  std::vector<std::int64_t> kernels;  ///< the first is of the masked convolution that reads the image
  bool direct;                        ///< blocks that connect each layer to the third behind it
};

Layout layout_of(const std::string& name) {
  if (name == "he2019") return {{7, 7, 7, 5, 5, 3, 3}, true};
  if (name == "he2019_large") return {{7, 7, 7, 7, 7, 5, 5, 5, 5, 3, 3, 3, 3}, true};
  return {{7, 5, 5, 3}, false};
}

/// PixelCNN decoder p(x|z) = prod_i p(x_i | x_<i, z) over pixels in raster order (van den Oord et al., ICML 2016),
/// Bernoulli, as in the public code of He et al. 2019 (modules/decoders/dec_pixelcnn_v2.py): z is mapped to some maps
/// of the image's size, which are convolved without mask beside the masked convolution of the image; residual masked
/// blocks follow. Without a latent variable the maps are the same for all images, as the map's bias gives them: like
/// the decoder of a VAE it knows where in the image a pixel is.
class PixelCnnDecoder : public ImageDecoder {
 public:
  PixelCnnDecoder(const Options& options, const DecoderRequest& request)
      : shape_(request.model.image), maps_(options.integer("latent_maps")) {
    const auto channels = options.integer("hidden_channels");
    const bool batch_norm = options.boolean("batch_norm");
    const Layout layout = layout_of(options.text("layout"));
    const auto& kernels = layout.kernels;
    const std::int64_t map_pixels = maps_ * shape_.height * shape_.width;
    if (request.model.latent_dim > 0) {
      to_maps_ = register_module("to_maps", torch::nn::Linear(request.model.latent_dim, map_pixels));
      torch::nn::init::xavier_uniform_(to_maps_->weight);
      torch::nn::init::zeros_(to_maps_->bias);
    } else {
      own_maps_ = register_parameter("own_maps", torch::zeros({1, map_pixels}));
    }
    of_maps_ = register_module("of_maps", nn::convolution(maps_, channels, kernels[0]));
    of_image_ = register_module("of_image", nn::MaskedConvolution(Mask::a, shape_.channels, channels, kernels[0]));
    first_ = register_module("first", torch::nn::Sequential(nn::norm(channels, batch_norm), torch::nn::ELU()));
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    for (std::size_t i = 1; i < kernels.size(); ++i) blocks_->push_back(Block(channels, kernels[i], batch_norm));
    direct_ = register_module("direct", torch::nn::ModuleList());
    for (std::size_t i = 1; layout.direct && i + 1 < kernels.size(); ++i)
      direct_->push_back(Block(channels, kernels[i], batch_norm));
    output_ = register_module(
        "output",
        torch::nn::Sequential(nn::convolution(channels, channels, 1), nn::norm(channels, batch_norm), torch::nn::ELU(),
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, shape_.channels, 1))));
    rows_above_ = std::accumulate(kernels.begin(), kernels.end(), kernels.back() / 2,
                                  [](std::int64_t sum, std::int64_t kernel) { return sum + kernel / 2; });
  }

  Tensor loss(const Batch& batch, const Tensor& z) override {
    const auto all = logits(of_image_->forward(batch.x), of_latent(z));
    return nn::bernoulli_nll(all.flatten(1), batch.x.flatten(1));
  }

  Tensor score(const Batch& batch, const Tensor& z) override {
    const torch::NoGradGuard no_grad;
    const auto image = of_image_->forward(batch.x);  // of all samples
    std::vector<Tensor> scores;
    for (const auto& sample : z.unbind(0)) {
      scores.push_back(nn::bernoulli_nll(logits(image, of_latent(sample)).flatten(1), batch.x.flatten(1)));
      if (own_maps_.defined()) return scores[0].expand({z.size(0), z.size(1)});
    }
    return torch::stack(scores);
  }

  /// Pixel by pixel, from the rows above that a pixel depends on.
  Tensor generate(const Tensor& z, torch::Generator generator) override {
    const torch::NoGradGuard no_grad;
    const auto latent = of_latent(z);
    auto x = torch::zeros({z.size(0), shape_.channels, shape_.height, shape_.width}, z.options());
    for (std::int64_t row = 0; row < shape_.height; ++row) {
      const auto top = std::max<std::int64_t>(0, row - rows_above_);
      const auto seen = x.slice(2, top, row + 1);
      const auto latent_seen = latent.slice(2, top, row + 1);
      for (std::int64_t column = 0; column < shape_.width; ++column) {
        const auto all = logits(of_image_->forward(seen), latent_seen);
        const auto white = torch::sigmoid(all.select(2, row - top).select(2, column)).cpu();
        x.select(2, row).select(2, column).copy_(torch::bernoulli(white, generator));
      }
    }
    return x;
  }

 private:
  /// z [B, d] -> what it adds to the first layer, [B, h, H, W] ([1, h, H, W] without a latent variable).
  Tensor of_latent(const Tensor& z) {
    const auto maps = own_maps_.defined() ? own_maps_ : to_maps_->forward(z);
    return of_maps_->forward(maps.view({-1, maps_, shape_.height, shape_.width}));
  }

  /// [B, C, H, W] from the image's and the latent's part of the first layer.
  Tensor logits(const Tensor& of_image, const Tensor& of_latent) {
    auto x = first_->forward(of_image + of_latent);
    if (direct_->is_empty()) {
      for (const auto& block : *blocks_) x = block->as<Block>()->forward(x);
      return output_->forward(x);
    }
    std::deque<Tensor> earlier{x};  // outputs of the last three layers
    for (std::size_t i = 0; i < blocks_->size(); ++i) {
      if (i >= 2) {
        x = x + direct_->ptr<BlockImpl>(i - 2)->forward(earlier.front());
        earlier.pop_front();
      }
      x = blocks_->ptr<BlockImpl>(i)->forward(x);
      earlier.push_back(x);
    }
    return output_->forward(x + direct_->ptr<BlockImpl>(direct_->size() - 1)->forward(earlier.front()));
  }

  ImageShape shape_;
  std::int64_t maps_;
  std::int64_t rows_above_ = 0;  ///< how far up a pixel sees, at most
  torch::nn::Linear to_maps_{nullptr};
  Tensor own_maps_;  ///< [1, maps H W], in the place of to_maps without a latent variable
  torch::nn::Conv2d of_maps_{nullptr};
  nn::MaskedConvolution of_image_{nullptr};
  torch::nn::Sequential first_{nullptr}, output_{nullptr};
  torch::nn::ModuleList blocks_{nullptr}, direct_{nullptr};
};

KLBENCH_DECODER(
    PixelCnnDecoder,
    {.key = "pixelcnn",
     .summary = "masked residual convolutions, pixel by pixel (Bernoulli)",
     .paper = "van den Oord et al., ICML 2016; He et al., ICLR 2019",
     .options = {size_option("hidden_channels", 32, "channels of a layer (64 in the public reference)", 2),
                 size_option("latent_maps", 4, "maps that z is mapped to"),
                 {.name = "layout",
                  .default_value = std::string("small"),
                  .help = "kernels: small 7 5 5 3; he2019 7 7 7 5 5 3 3 and he2019_large of 13 layers, with "
                          "direct connections, as the public code",
                  .choices = {"small", "he2019", "he2019_large"}},
                 {.name = "batch_norm",
                  .default_value = false,
                  .help = "batch normalisation after every convolution, as the public code has it"}},
     .domain = kImage});

}  // namespace

}  // namespace klbench
