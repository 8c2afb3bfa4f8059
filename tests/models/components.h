// A configuration made by hand: its core options, and the encoder and decoder that it names.
#pragma once

#include <map>
#include <string>

#include "config/cell_config.h"
#include "config/schema.h"
#include "models/decoder.h"
#include "models/encoder.h"

namespace klbench::testing {

using Given = std::map<std::string, Value>;

/// Every core option at its default.
inline CellConfig default_config() {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  return config;
}

/// Names encoder and decoder in `config`; what of `given` one of them has no option for is passed over.
inline void set_components(CellConfig& config, const std::string& encoder, const std::string& decoder,
                           const Given& given) {
  const auto set = [&](const std::string& section, const ComponentSpec& spec) {
    Given own;
    for (const auto& option : spec.options) {
      if (const auto found = given.find(option.name); found != given.end()) own.insert(*found);
    }
    const Options options(spec, own);
    config.values[section + ".name"] = spec.key;
    for (const auto& [name, value] : options.values()) config.values[section + "." + name] = value;
  };
  set("model.encoder", EncoderRegistry::instance().find(encoder).spec);
  set("model.decoder", DecoderRegistry::instance().find(decoder).spec);
}

/// Encoder and decoder `lstm` of these sizes, other options at their defaults.
inline void add_lstm(CellConfig& config, std::int64_t embedding, std::int64_t hidden) {
  set_components(config, "lstm", "lstm", {{"embedding_dim", embedding}, {"hidden_dim", hidden}});
}

}  // namespace klbench::testing
