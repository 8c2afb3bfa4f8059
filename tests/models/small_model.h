// A small model for the tests of what runs one.
#pragma once

#include <string>

#include "config/schema.h"
#include "models/vae.h"
#include "regularizers/registry.h"

namespace klbench::testing {

inline constexpr std::int64_t kVocabulary = 30;

/// Encoder and decoder `lstm` of these sizes, other options at their defaults.
inline void add_lstm(CellConfig& config, std::int64_t embedding, std::int64_t hidden) {
  const std::map<std::string, Value> sizes = {{"embedding_dim", embedding}, {"hidden_dim", hidden}};
  const auto add = [&](const std::string& section, const ComponentSpec& spec) {
    config.values[section + ".name"] = spec.key;
    const Options options(spec, sizes);
    for (const auto& [name, value] : options.values()) config.values[section + "." + name] = value;
  };
  add("model.encoder", EncoderRegistry::instance().find("lstm").spec);
  add("model.decoder", DecoderRegistry::instance().find("lstm").spec);
}

/// A text VAE with the given remedy (the language model if it is empty) of 8 to 12 units, its weights times `scale`, so
/// that untrained as it is the decoder listens to z.
inline Vae small_model(std::int64_t latent_dim, const std::string& remedy = "vae", double scale = 4) {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
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
