// A configuration made by hand: its core options, and the encoder and decoder that it names.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/schema.h"
#include "latent/family.h"
#include "latent/prior.h"
#include "models/decoder.h"
#include "models/encoder.h"
#include "models/vae.h"

namespace klbench::testing {

using Given = std::map<std::string, Value>;

/// Every core option at its default.
inline CellConfig default_config() {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  return config;
}

/// Names a component in `config`; what of `given` it has no option for is passed over.
inline void set_component(CellConfig& config, const std::string& section, const ComponentSpec& spec,
                          const Given& given) {
  Given own;
  for (const auto& option : spec.options) {
    if (const auto found = given.find(option.name); found != given.end()) own.insert(*found);
  }
  const Options options(spec, own);
  config.values[section + ".name"] = spec.key;
  for (const auto& [name, value] : options.values()) config.values[section + "." + name] = value;
}

inline void set_components(CellConfig& config, const std::string& encoder, const std::string& decoder,
                           const Given& given) {
  set_component(config, "model.encoder", EncoderRegistry::instance().find(encoder).spec, given);
  set_component(config, "model.decoder", DecoderRegistry::instance().find(decoder).spec, given);
}

inline void set_latent(CellConfig& config, const std::string& posterior, const std::string& prior,
                       const Given& given = {}) {
  set_component(config, "model.posterior", FamilyRegistry::instance().find(posterior).spec, given);
  set_component(config, "model.prior", PriorRegistry::instance().find(prior).spec, given);
}

/// Encoder and decoder `lstm` of these sizes, other options at their defaults.
inline void add_lstm(CellConfig& config, std::int64_t embedding, std::int64_t hidden) {
  set_components(config, "lstm", "lstm", {{"embedding_dim", embedding}, {"hidden_dim", hidden}});
}

/// What in the gradients of `loss`, of a model in f64, disagrees with finite differences, a line each: of every
/// parameter the element with the largest gradient.
template <class Loss>
std::vector<std::string> wrong_gradients(Vae& model, const Loss& loss) {
  model->zero_grad();
  loss().backward();
  const torch::NoGradGuard no_grad;
  std::vector<std::string> wrong;
  for (auto& parameter : model->named_parameters()) {
    if (!parameter.value().grad().defined()) {
      wrong.push_back(parameter.key() + ": none");
      continue;
    }
    auto flat = parameter.value().view({-1});
    const auto gradient = parameter.value().grad().to_dense().view({-1});
    const auto at = gradient.abs().argmax().template item<std::int64_t>();
    const double before = flat[at].template item<double>(), step = 1e-6;
    flat[at] = before + step;
    const double above = loss().template item<double>();
    flat[at] = before - step;
    const double below = loss().template item<double>();
    flat[at] = before;
    const double found = gradient[at].template item<double>(), wanted = (above - below) / (2 * step);
    if (std::abs(found - wanted) > std::max(1e-6, 1e-4 * std::abs(wanted)))
      wrong.push_back(parameter.key() + ": " + std::to_string(found) + ", not " + std::to_string(wanted));
  }
  return wrong;
}

}  // namespace klbench::testing
