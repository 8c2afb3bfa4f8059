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

torch::Tensor LstmEncoderImpl::pool(const torch::Tensor& states, const torch::Tensor& lengths,
                                    const nn::Packing& packing) const {
  if (pooling_ == "last") return states.index_select(0, packing.last().to(states.device()));
  if (pooling_ == "max") return packing.unpack(states, -std::numeric_limits<double>::infinity()).amax(0);
  return packing.unpack(states, 0).sum(0) / lengths.unsqueeze(1);
}

RawPosterior LstmEncoderImpl::forward(const Batch& batch) {
  const auto lengths = batch.lengths + 1;  // <s> too
  const nn::Packing packing(lengths);
  const auto states = lstm_->forward(embedding_->forward(packing.pack(batch.tokens)), packing).outputs;
  const auto halves = to_latent_->forward(pool(states, lengths, packing)).chunk(2, 1);
  return {halves[0], halves[1]};
}

}  // namespace klbench
