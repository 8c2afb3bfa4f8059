#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/offers.h"
#include "config/registry.h"
#include "latent/model_facts.h"
#include "models/batch.h"

namespace klbench {

/// p(x|z), or p(x) where the model has no latent variable; a decoder that cannot do without z says .needs = {kLatent}.
class Decoder : public torch::nn::Module {
 public:
  /// [B] -log p(x|z), nats, for z [B, d] (undefined without a latent variable).
  virtual torch::Tensor loss(const Batch& batch, const torch::Tensor& z) = 0;
  /// [S, B] the same without gradient for S samples of each example, z [S, B, d].
  virtual torch::Tensor score(const Batch& batch, const torch::Tensor& z) = 0;
};

class TextDecoder : public Decoder {
 public:
  /// Continues <s> for each row of z [B, d] until </s> or `max_length` words: the likeliest word (temperature 0) or a
  /// draw from softmax(logits / temperature). Word ids without <s> and </s>.
  std::vector<std::vector<std::int32_t>> generate(const torch::Tensor& z, std::int64_t max_length, double temperature,
                                                  torch::Generator generator);
  /// What the softmax layer reads for each of the N predicted words of a batch, [N, h], dropout applied; always in the
  /// same order. Throws UsageError where a decoder has no such layer, which is the default.
  virtual torch::Tensor states(const Batch& batch, const torch::Tensor& z);

 protected:
  /// Sentences under way.
  class Writer {
   public:
    virtual ~Writer() = default;
    /// Logits of the word behind `word` [B] int64, which stands behind those before: [B, V].
    virtual torch::Tensor next(const torch::Tensor& word) = 0;
  };
  /// Sentences that begin, one for each row of z.
  virtual std::unique_ptr<Writer> writer(const torch::Tensor& z) = 0;
};

class ImageDecoder : public Decoder {
 public:
  /// [B, C, H, W] in [0, 1] for each row of z [B, d]: a decoder whose pixels are independent given z gives their
  /// probabilities of white, an autoregressive one a drawn image.
  virtual torch::Tensor generate(const torch::Tensor& z, torch::Generator generator) = 0;
  /// The expected image for each row of z, with gradient, [B, C, H, W]. Throws UsageError where pixels are not
  /// independent given z, which is the default.
  virtual torch::Tensor expected(const torch::Tensor& z);
};

/// What a decoder is told beside its options.
struct DecoderRequest {
  ModelFacts model;
  /// z is concatenated to the output before the softmax (Regularizer::skip_decoder). Only where the spec offers
  /// kSkipConnection.
  bool skip = false;
};

struct DecoderEntry {
  ComponentSpec spec;
  std::function<std::shared_ptr<Decoder>(const Options& options, const DecoderRequest& request)> make;
};

/// The decoders known to this process, by key.
class DecoderRegistry : public Registry<DecoderEntry> {
 public:
  DecoderRegistry() : Registry("decoder") {}
  static DecoderRegistry& instance();
};

struct DecoderRegistrar {
  explicit DecoderRegistrar(DecoderEntry entry) noexcept { DecoderRegistry::instance().add(std::move(entry)); }
};

/// `spec` with what `Class` offers to remedies, by the functions that it overrides.
template <class Class>
ComponentSpec with_offers(ComponentSpec spec) {
  if constexpr (std::is_base_of_v<TextDecoder, Class>) {
    if (!std::is_same_v<decltype(&Class::states), decltype(&TextDecoder::states)>)
      spec.offers.emplace_back(kWordStates);
  }
  if constexpr (std::is_base_of_v<ImageDecoder, Class>) {
    if (!std::is_same_v<decltype(&Class::expected), decltype(&ImageDecoder::expected)>)
      spec.offers.emplace_back(kExpectedImage);
  }
  return spec;
}

/// KLBENCH_DECODER(LstmDecoder, {.key = "lstm", ..., .domain = kText}): Class(const Options&, const DecoderRequest&)
/// under its spec. An option "init" is applied to what the constructor made (models/initialise.h).
#define KLBENCH_DECODER(Class, ...)                                                    \
  static const ::klbench::DecoderRegistrar k##Class##Registrar(                        \
      {::klbench::with_offers<Class>(::klbench::ComponentSpec __VA_ARGS__),            \
       [](const ::klbench::Options& options, const ::klbench::DecoderRequest& request) \
           -> std::shared_ptr<::klbench::Decoder> { return std::make_shared<Class>(options, request); }})

}  // namespace klbench
