// A small model for the tests of what runs one.
#pragma once

#include <string>

#include "models/components.h"
#include "models/vae.h"
#include "regularizers/registry.h"

namespace klbench::testing {

inline constexpr std::int64_t kVocabulary = 30;

/// A text VAE with the given remedy (the language model if it is empty) of 8 to 12 units, its weights times `scale`, so
/// that untrained as it is the decoder listens to z.
inline Vae small_model(std::int64_t latent_dim, const std::string& remedy = "vae", double scale = 4) {
  CellConfig config = default_config();
  add_lstm(config, 8, 12);
  config.values["model.latent_dim"] = latent_dim;
  config.values["trainer.precision"] = std::string("f32");
  if (remedy.empty()) {
    config.values["model.latent_dim"] = std::int64_t{0};
  } else {
    config.regularizer = {{remedy, Options(RegularizerRegistry::instance().find(remedy).spec, {})}};
  }
  Vae model(config, ModelFacts{.vocabulary = kVocabulary}, 1);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) parameter.mul_(scale);
  return model;
}

}  // namespace klbench::testing
