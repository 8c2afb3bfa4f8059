#include <limits>
#include <utility>

#include "models/encoder.h"
#include "models/initialise.h"
#include "models/nn/embedding.h"
#include "models/nn/lstm_layer.h"
#include "models/nn/packing.h"
#include "models/sizes.h"

namespace klbench {

namespace {

/// LSTM encoder: words -> raw mu, raw scale. Embedding, one LSTM layer over <s> x </s>, then a linear map without bias
/// of one vector: the state at </s> (pooling "last"), or the mean or maximum over the real states ("mean", "max").
class LstmEncoder : public Encoder {
 public:
  LstmEncoder(const Options& options, const EncoderRequest& request) : pooling_(request.pooling) {
    const auto words = options.integer("embedding_dim"), hidden = options.integer("hidden_dim");
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, words));
    lstm_ = register_module("lstm", nn::LstmLayer(words, 0, hidden));
    to_latent_ = register_module(
        "to_latent", torch::nn::Linear(torch::nn::LinearOptions(hidden, 2 * request.model.latent_dim).bias(false)));
  }

  RawPosterior forward(const Batch& batch) override {
    const auto lengths = batch.lengths + 1;  // <s> too
    const nn::Packing packing(lengths, batch.x.device());
    const auto states = lstm_->forward(embedding_->forward(packing.pack(batch.x)), packing).outputs;
    const auto halves = to_latent_->forward(pool(states, lengths, packing)).chunk(2, 1);
    return {halves[0], halves[1]};
  }

  std::int64_t word_size() const override { return embedding_->weight.size(1); }

 private:
  /// states [N, h] packed, lengths [B] -> [B, h]
  torch::Tensor pool(const torch::Tensor& states, const torch::Tensor& lengths, const nn::Packing& packing) const {
    if (pooling_ == "last") return states.index_select(0, packing.last());
    if (pooling_ == "max") return packing.unpack(states, -std::numeric_limits<double>::infinity()).amax(0);
    return packing.unpack(states, 0).sum(0) / on(states.device(), lengths).unsqueeze(1);
  }

  std::string pooling_;
  nn::Embedding embedding_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};

KLBENCH_ENCODER(LstmEncoder, {.key = "lstm",
                              .summary = "one LSTM layer, the state at </s>",
                              .paper = "Bowman et al., CoNLL 2016",
                              .options = {size_option("embedding_dim", 128, "word embedding size (ni)"),
                                          size_option("hidden_dim", 256, "LSTM state size (nh)"), init_option()},
                              .domain = kText,
                              .offers = {kPooledStates}});

}  // namespace

}  // namespace klbench
