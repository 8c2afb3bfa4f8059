#include "models/nn/convolution.h"

#include <cmath>

namespace klbench::nn {

namespace {

/// The public code's initialisation: He et al. 2015 by the number of outputs.
void initialise_convolution(torch::Tensor& weight) {
  const torch::NoGradGuard no_grad;
  const auto outputs = static_cast<double>(weight.size(0) * weight.size(2) * weight.size(3));
  weight.normal_(0, std::sqrt(2 / outputs));
}

}  // namespace

MaskedConvolutionImpl::MaskedConvolutionImpl(Mask mask, std::int64_t in_channels, std::int64_t out_channels,
                                             std::int64_t kernel) {
  weight = register_parameter("weight", torch::empty({out_channels, in_channels, kernel, kernel}));
  initialise_convolution(weight);
  const std::int64_t middle = kernel / 2;
  mask_ = torch::ones({1, 1, kernel, kernel});
  mask_.slice(2, middle, middle + 1).slice(3, middle + (mask == Mask::b ? 1 : 0)).zero_();
  mask_.slice(2, middle + 1).zero_();
  register_buffer("mask", mask_);
}

torch::Tensor MaskedConvolutionImpl::forward(const torch::Tensor& x) {
  return torch::conv2d(x, weight * mask_, {}, 1, weight.size(2) / 2);
}

torch::nn::Conv2d convolution(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel,
                              std::int64_t stride) {
  torch::nn::Conv2d layer(
      torch::nn::Conv2dOptions(in_channels, out_channels, kernel).stride(stride).padding(kernel / 2).bias(false));
  initialise_convolution(layer->weight);
  return layer;
}

torch::nn::AnyModule norm(std::int64_t channels, bool batch_norm) {
  if (batch_norm) return torch::nn::AnyModule(torch::nn::BatchNorm2d(channels));
  return torch::nn::AnyModule(torch::nn::Identity());
}

}  // namespace klbench::nn
