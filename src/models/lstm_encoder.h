#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "models/batches.h"
#include "models/nn/embedding.h"
#include "models/nn/lstm_layer.h"
#include "models/nn/packing.h"
#include "regularizers/regularizer.h"

namespace klbench {

/// LSTM encoder: words -> raw mu, raw scale. Embedding, one LSTM layer over <s> x </s>, then a linear map without bias
/// of one vector: the state at </s> (pooling "last"), or the mean or maximum over the real states ("mean", "max").
class LstmEncoderImpl : public torch::nn::Module {
 public:
  LstmEncoderImpl(std::int64_t vocabulary, std::int64_t embedding_dim, std::int64_t hidden_dim, std::int64_t latent_dim,
                  std::string pooling);
  /// [B, d] each.
  RawPosterior forward(const Batch& batch);

 private:
  /// states [N, h] packed, lengths [B] -> [B, h]
  torch::Tensor pool(const torch::Tensor& states, const torch::Tensor& lengths, const nn::Packing& packing) const;

  std::string pooling_;
  nn::Embedding embedding_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};
TORCH_MODULE(LstmEncoder);

}  // namespace klbench
