#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "config/metric.h"
#include "metrics/split_pass.h"

namespace klbench {

/// [n, C, H, W] in [0, 1], what the decoder makes of z [n, d].
torch::Tensor draw_images(Vae& model, const torch::Tensor& z, std::uint64_t seed);

/// Pictures for the figure `images`, values [rows * columns * C * H * W] in [0, 1] (0 black) to 1/256, attributes rows,
/// columns, channels, height, width: a row of examples of the split, one of their reconstructions (drawn at the
/// posterior means mu [N, d]), one of draws from the prior, and two of interpolations between the posterior means of
/// two examples.
FinalMetric image_grid(Vae& model, const Images& split, const torch::Tensor& mu, std::uint64_t seed);

/// The same of a decoder without z: a row of examples and one of draws.
FinalMetric autoregressive_grid(Vae& model, const Images& split, std::uint64_t seed);

}  // namespace klbench
