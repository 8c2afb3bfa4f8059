#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench::nn {

/// What a masked convolution lets a pixel see of its input: pixels before it in raster order ("A"), itself too ("B").
enum class Mask { a, b };

/// Convolution without bias that keeps the image's size and sees only pixels before each pixel (van den Oord et al.,
/// "Pixel Recurrent Neural Networks", ICML 2016).
class MaskedConvolutionImpl : public torch::nn::Module {
 public:
  MaskedConvolutionImpl(Mask mask, std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel);
  /// [B, in, H, W] -> [B, out, H, W]
  torch::Tensor forward(const torch::Tensor& x);

  torch::Tensor weight;  ///< [out, in, kernel, kernel]

 private:
  torch::Tensor mask_;
};
TORCH_MODULE(MaskedConvolution);

/// Convolution without bias, weights N(0, 2 / (kernel^2 out)) as in the public code of He et al. 2019.
torch::nn::Conv2d convolution(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel,
                              std::int64_t stride = 1);

/// Batch normalisation, or nothing.
torch::nn::AnyModule norm(std::int64_t channels, bool batch_norm);

}  // namespace klbench::nn
