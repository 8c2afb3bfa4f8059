#include <limits>

#include "models/encoder.h"
#include "models/nn/attention.h"
#include "models/nn/embedding.h"
#include "models/transformer_stack.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Transformer encoder: words -> raw mu, raw scale. Embedding with sinusoidal positions, layers in which every position
/// of <s> x </s> attends to every other, then a linear map without bias of one vector: the state at </s> (pooling
/// "last"), or the mean or maximum over the real states ("mean", "max").
class TransformerEncoder : public Encoder {
 public:
  TransformerEncoder(const Options& options, const EncoderRequest& request) : pooling_(request.pooling) {
    const auto width = options.integer("hidden_dim");
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, width));
    stack_ = register_module("stack", TransformerStack(options, 0));
    to_latent_ = register_module(
        "to_latent", torch::nn::Linear(torch::nn::LinearOptions(width, 2 * request.model.latent_dim).bias(false)));
  }

  RawPosterior forward(const Batch& batch) override {
    const auto words = batch.x.transpose(0, 1);  // [B, T]
    const auto vectors = embedding_->forward(words);
    const auto x = vectors + nn::sinusoidal_positions(vectors.size(1), vectors.size(2), vectors.device());
    const auto lengths = on(words.device(), batch.lengths);
    const auto real = torch::arange(words.size(1), lengths.options()).unsqueeze(0) <= lengths.unsqueeze(1);
    const auto mask = torch::zeros(real.sizes(), x.options()).masked_fill(~real, kMinusInfinity).unsqueeze(1);
    const auto halves = to_latent_->forward(pool(stack_->forward(x, mask), real, lengths)).chunk(2, 1);
    return {halves[0], halves[1]};
  }

  std::int64_t word_size() const override { return embedding_->weight.size(1); }

 private:
  static constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

  /// states [B, T, width], real [B, T] -> [B, width]
  Tensor pool(const Tensor& states, const Tensor& real, const Tensor& last) const {
    if (pooling_ == "last") return states.index({torch::arange(states.size(0), last.options()), last});
    if (pooling_ == "max") return states.masked_fill(~real.unsqueeze(2), kMinusInfinity).amax(1);
    return states.masked_fill(~real.unsqueeze(2), 0).sum(1) / (last + 1).unsqueeze(1);
  }

  std::string pooling_;
  nn::Embedding embedding_{nullptr};
  TransformerStack stack_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};

KLBENCH_ENCODER(TransformerEncoder, {.key = "transformer",
                                     .summary = "transformer layers, the state at </s>",
                                     .paper = "Vaswani et al., NeurIPS 2017",
                                     .options = transformer_options(),
                                     .domain = kText,
                                     .offers = {kPooledStates}});

}  // namespace

}  // namespace klbench
