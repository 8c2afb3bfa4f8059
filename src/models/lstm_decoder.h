#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/linear_cross_entropy.h"
#include "models/nn/lstm_layer.h"

namespace klbench {

/// LSTM decoder p(x|z) = prod_t p(x_t | x_<t, z): z is concatenated to every input and mapped to the initial state
/// (c0 = W z, h0 = tanh c0), dropout on the embeddings and on the output, softmax layer without bias (Bowman et al.
/// 2016, as in the public code of He et al. 2019). With latent_dim = 0 it is the LSTM language model.
class LstmDecoderImpl : public torch::nn::Module {
 public:
  struct Sizes {
    std::int64_t vocabulary = 0;
    std::int64_t embedding_dim = 0;
    std::int64_t hidden_dim = 0;
    std::int64_t latent_dim = 0;
  };
  /// `skip`: z is concatenated to the output before the softmax too (Dieng et al. 2019).
  LstmDecoderImpl(const Sizes& sizes, double dropout_in, double dropout_out, bool skip);

  /// inputs [T, B] words fed, targets [T, B] words predicted, lengths [B] of them real, z [B, d] or undefined -> [B]
  /// -log p(x|z), nats.
  torch::Tensor forward(const torch::Tensor& inputs, const torch::Tensor& targets, const torch::Tensor& lengths,
                        const torch::Tensor& z);

  /// The same without gradient or dropout for S samples of each sentence: z [S, B, d] -> [S, B].
  torch::Tensor score_samples(const torch::Tensor& inputs, const torch::Tensor& targets, const torch::Tensor& z);

  /// Continues <s> for each row of z [B, d] until </s> or `max_length` words: the likeliest word (temperature 0) or a
  /// draw from softmax(logits / temperature). Word ids without <s> and </s>.
  std::vector<std::vector<std::int32_t>> generate(const torch::Tensor& z, std::int64_t max_length, double temperature,
                                                  torch::Generator generator);

 private:
  /// outputs [..., h] with z [..., d] beside them where there is a skip connection.
  torch::Tensor with_skip(const torch::Tensor& outputs, const torch::Tensor& z) const;

  bool skip_;
  nn::Embedding embedding_{nullptr};
  torch::nn::Linear to_state_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  nn::Dropout dropout_in_{nullptr};
  nn::Dropout dropout_out_{nullptr};
  nn::LinearCrossEntropy output_{nullptr};
};
TORCH_MODULE(LstmDecoder);

}  // namespace klbench
