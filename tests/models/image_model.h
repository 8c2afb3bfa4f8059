// Small models of images for tests.
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "config/schema.h"
#include "core/rng.h"
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

/// A model of images of 8 to 12 units with the plain remedy; `options` are the decoder's.
inline Vae image_model(const ImageShape& shape, std::int64_t latent_dim, const std::string& encoder,
                       const std::string& decoder, std::map<std::string, Value> options = {}) {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  config.values["model.latent_dim"] = latent_dim;
  const auto add = [&](const std::string& section, const ComponentSpec& spec, std::map<std::string, Value> given) {
    for (const auto& [name, size] :
         std::map<std::string, std::int64_t>{{"hidden_dim", 12}, {"hidden_channels", 8}, {"features", 10}}) {
      for (const auto& option : spec.options) {
        if (option.name == name) given[name] = size;
      }
    }
    config.values[section + ".name"] = spec.key;
    const Options all(spec, given);
    for (const auto& [name, value] : all.values()) config.values[section + "." + name] = value;
  };
  add("model.encoder", EncoderRegistry::instance().find(encoder).spec, {});
  add("model.decoder", DecoderRegistry::instance().find(decoder).spec, std::move(options));
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
