#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "config/offers.h"
#include "config/registry.h"
#include "latent/model_facts.h"
#include "models/batch.h"
#include "regularizers/regularizer.h"

namespace klbench {

/// x -> raw outputs, from which the remedy makes the posterior.
class Encoder : public torch::nn::Module {
 public:
  /// [B, d] each. A function of each example alone, but for batch normalisation in training mode.
  virtual RawPosterior forward(const Batch& batch) = 0;
  /// Of text: size E of the vectors that it also reads in the place of words, x [T+1, B, E]; 0: it reads words only.
  virtual std::int64_t word_size() const { return 0; }
};

/// What an encoder is told beside its options.
struct EncoderRequest {
  ModelFacts model;
  /// How states become one vector (Regularizer::encoder_pooling). Other than "last" only where the spec offers
  /// kPooledStates.
  std::string pooling = "last";
};

struct EncoderEntry {
  ComponentSpec spec;
  std::function<std::shared_ptr<Encoder>(const Options& options, const EncoderRequest& request)> make;
};

/// The encoders known to this process, by key.
class EncoderRegistry : public Registry<EncoderEntry> {
 public:
  EncoderRegistry() : Registry("encoder") {}
  static EncoderRegistry& instance();
};

struct EncoderRegistrar {
  explicit EncoderRegistrar(EncoderEntry entry) noexcept { EncoderRegistry::instance().add(std::move(entry)); }
};

/// `spec` with what `Class` offers to priors, by the functions that it overrides.
template <class Class>
ComponentSpec with_encoder_offers(ComponentSpec spec) {
  if (!std::is_same_v<decltype(&Class::word_size), decltype(&Encoder::word_size)>)
    spec.offers.emplace_back(kWordVectors);
  return spec;
}

/// KLBENCH_ENCODER(LstmEncoder, {.key = "lstm", ..., .domain = kText}): Class(const Options&, const EncoderRequest&)
/// under its spec. An option "init" is applied to what the constructor made (models/initialise.h).
#define KLBENCH_ENCODER(Class, ...)                                                    \
  static const ::klbench::EncoderRegistrar k##Class##Registrar(                        \
      {::klbench::with_encoder_offers<Class>(::klbench::ComponentSpec __VA_ARGS__),    \
       [](const ::klbench::Options& options, const ::klbench::EncoderRequest& request) \
           -> std::shared_ptr<::klbench::Encoder> { return std::make_shared<Class>(options, request); }})

}  // namespace klbench
