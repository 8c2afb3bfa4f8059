// Small cells on pictures for tests.
#pragma once

#include <string>

#include "models/decoder.h"
#include "models/encoder.h"
#include "training/cells.h"

namespace klbench::test {

inline ImageCorpus load_squares(const Options& /*options*/) {
  ImageCorpus corpus;
  corpus.shape = {1, 4, 4};
  corpus.label_names = {"even", "odd"};
  for (Images* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    split->shape = corpus.shape;
    for (std::int32_t i = 0; i < 40 * 16; ++i) split->pixels.push_back(i * i % 7 < 3 ? 255 : 0);
    for (std::int32_t i = 0; i < 40; ++i) split->labels.push_back(i % 2);
  }
  return corpus;
}

inline const DatasetRegistrar kSquares({.key = "test_squares"}, load_squares);

/// small_cell on 40 pictures of 4 x 4, with a decoder of that key.
inline CellConfig image_cell(const Parts& parts, const std::string& decoder, const Changes& changes = {}) {
  CellConfig config = small_cell(parts, changes);
  std::erase_if(config.values, [](const auto& value) {
    const std::string& name = value.first;
    return name.starts_with("data.") || name.starts_with("model.encoder.") || name.starts_with("model.decoder.");
  });
  config.values["data.name"] = std::string("test_squares");
  const auto add = [&](const std::string& section, const ComponentSpec& spec) {
    config.values[section + ".name"] = spec.key;
    for (const auto& option : spec.options) config.values[section + "." + option.name] = option.default_value;
  };
  if (config.has_latent()) add("model.encoder", EncoderRegistry::instance().find("mlp").spec);
  add("model.decoder", DecoderRegistry::instance().find(decoder).spec);
  return config;
}

}  // namespace klbench::test
