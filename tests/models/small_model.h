// A small model for the tests of what runs one.
#pragma once

#include <string>

#include "config/schema.h"
#include "models/vae.h"
#include "regularizers/registry.h"

namespace klbench::testing {

inline constexpr std::int64_t kVocabulary = 30;

/// A text VAE with the given remedy (the language model if it is empty) of 8 to 12 units, its weights times `scale`, so
/// that untrained as it is the decoder listens to z.
inline TextVae small_model(std::int64_t latent_dim, const std::string& remedy = "vae", double scale = 4) {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  config.values["model.embedding_dim"] = std::int64_t{8};
  config.values["model.hidden_dim"] = std::int64_t{12};
  config.values["model.latent_dim"] = latent_dim;
  config.values["trainer.precision"] = std::string("f32");
  if (remedy.empty()) {
    config.values["model.name"] = std::string("lstm_lm");
  } else {
    config.regularizer = {{remedy, Options(RegularizerRegistry::instance().find(remedy).spec, {})}};
  }
  TextVae model(config, kVocabulary, 1);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) parameter.mul_(scale);
  return model;
}

}  // namespace klbench::testing
