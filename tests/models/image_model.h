// Small models of images for tests.
#pragma once

#include <cmath>
#include <string>

#include "core/rng.h"
#include "models/components.h"
#include "models/vae.h"

namespace klbench::testing {

/// `count` images of random grey values.
inline Images random_images(std::int64_t count, const ImageShape& shape, std::uint64_t seed = 1) {
  Images images;
  images.shape = shape;
  Rng rng(seed);
  for (std::int64_t i = 0; i < count * shape.pixels(); ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(uniform_below(rng, 256)));
  return images;
}

/// A model of images of 8 to 12 units with the plain remedy; `options` are of both.
inline Vae image_model(const ImageShape& shape, std::int64_t latent_dim, const std::string& encoder,
                       const std::string& decoder, Given options = {}, const std::string& posterior = "gaussian",
                       const std::string& prior = "standard") {
  CellConfig config = default_config();
  config.values["model.latent_dim"] = latent_dim;
  options.insert(
      {{"hidden_dim", std::int64_t{12}}, {"hidden_channels", std::int64_t{8}}, {"features", std::int64_t{10}}});
  set_components(config, encoder, decoder, options);
  set_latent(config, posterior, prior, options);
  if (latent_dim > 0) config.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  return Vae(config, ModelFacts{.image = shape}, 1);
}

/// Sum of p(x|z) over all black-and-white images of a shape, for one z (or none).
inline double sum_over_all_images(Vae& model, const ImageShape& shape, std::int64_t latent_dim) {
  const torch::NoGradGuard no_grad;
  const auto count = std::int64_t{1} << shape.pixels();
  auto x = torch::empty({count, shape.pixels()});
  for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel)
    x.select(1, pixel).copy_(torch::arange(count).bitwise_right_shift(pixel).bitwise_and(1).to(torch::kFloat32));
  const auto none = torch::zeros({count}, torch::kInt64);
  const Batch all{x.view({count, shape.channels, shape.height, shape.width}), none, none};
  torch::manual_seed(5);
  const auto z = latent_dim > 0 ? torch::randn({1, latent_dim}).expand({count, latent_dim}) : torch::Tensor();
  return (-model->reconstruct(all, z, Progress{.mode = Progress::Mode::eval}).to(torch::kFloat64))
      .exp()
      .sum()
      .item<double>();
}

}  // namespace klbench::testing
