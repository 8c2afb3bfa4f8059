#include "models/lstm_encoder.h"

#include <limits>
#include <utility>

namespace klbench {

LstmEncoderImpl::LstmEncoderImpl(std::int64_t vocabulary, std::int64_t embedding_dim, std::int64_t hidden_dim,
                                 std::int64_t latent_dim, std::string pooling)
    : pooling_(std::move(pooling)) {
  embedding_ = register_module("embedding", nn::Embedding(vocabulary, embedding_dim));
  lstm_ = register_module("lstm", nn::LstmLayer(embedding_dim, 0, hidden_dim));
  to_latent_ =
      register_module("to_latent", torch::nn::Linear(torch::nn::LinearOptions(hidden_dim, 2 * latent_dim).bias(false)));
}

torch::Tensor LstmEncoderImpl::pool(const torch::Tensor& states, const Batch& batch) const {
  if (pooling_ == "last") {
    // <s> is step 0 and </s> step `lengths`.
    const auto index = batch.lengths.view({1, -1, 1}).expand({1, states.size(1), states.size(2)});
    return states.gather(0, index).squeeze(0);
  }
  const auto real = batch.tokens.ne(kPad).unsqueeze(2);
  if (pooling_ == "max") return states.masked_fill(~real, -std::numeric_limits<float>::infinity()).amax(0);
  return (states * real).sum(0) / real.sum(0);
}

RawPosterior LstmEncoderImpl::forward(const Batch& batch) {
  const auto states = lstm_->forward(embedding_->forward(batch.tokens)).outputs;
  const auto halves = to_latent_->forward(pool(states, batch)).chunk(2, 1);
  return {halves[0], halves[1]};
}

}  // namespace klbench
