#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "data/batches.h"
#include "models/nn/linear_cross_entropy.h"
#include "models/nn/lstm_layer.h"
#include "regularizers/stack.h"

namespace klbench {

/// LSTM encoder: words -> raw mu, raw scale; embedding, one LSTM layer over <s> x </s>, a linear map without bias of the
/// last real state (or of the mean or max over the real states).
class LstmEncoderImpl : public torch::nn::Module {
 public:
  LstmEncoderImpl(std::int64_t vocabulary, std::int64_t embedding_dim, std::int64_t hidden_dim, std::int64_t latent_dim,
                  std::string pooling);
  RawPosterior forward(const Batch& batch);

 private:
  std::string pooling_;
  torch::nn::Embedding embedding_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};
TORCH_MODULE(LstmEncoder);

/// LSTM decoder p(x|z) = prod_t p(x_t | x_<t, z): z is concatenated to every input and mapped to the initial state
/// (c0 = W z, h0 = tanh c0); dropout on the embeddings and on the output; softmax layer without bias.
/// With latent_dim = 0 it is the LSTM language model.
class LstmDecoderImpl : public torch::nn::Module {
 public:
  LstmDecoderImpl(std::int64_t vocabulary, std::int64_t embedding_dim, std::int64_t hidden_dim, std::int64_t latent_dim,
                  double dropout_in, double dropout_out, bool skip);
  /// inputs [T, B] words fed, targets [T, B] words predicted, z [B, d] -> [B] -log p(x|z), nats.
  torch::Tensor forward(const torch::Tensor& inputs, const torch::Tensor& targets, const torch::Tensor& z);
  /// Greedy (temperature 0) or sampled continuation of <s> until </s> or `max_length` words, one list of ids a row of z.
  std::vector<std::vector<std::int32_t>> generate(const torch::Tensor& z, std::int64_t max_length, double temperature,
                                                  torch::Generator generator);

 private:
  bool skip_;
  torch::nn::Embedding embedding_{nullptr};
  torch::nn::Linear to_state_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  torch::nn::Dropout dropout_in_{nullptr}, dropout_out_{nullptr};
  nn::LinearCrossEntropy output_{nullptr};
};
TORCH_MODULE(LstmDecoder);

/// A text VAE with its remedy, or the language model (no encoder, no remedy).
class TextVaeImpl : public torch::nn::Module {
 public:
  /// Sizes and options from `config` (model.*, regularizer); weights are drawn from `seed` alone, so every remedy starts
  /// from the same ones.
  TextVaeImpl(const CellConfig& config, std::int64_t vocabulary, std::uint64_t seed);

  bool has_latent() const { return !encoder_.is_empty(); }
  std::int64_t latent_dim() const { return latent_dim_; }
  RegularizerStack& remedy() { return *remedy_; }

  RawPosterior encode(const Batch& batch) { return encoder_->forward(batch); }
  /// Posterior that the remedy makes of the batch.
  PosteriorPair posterior(const Batch& batch, const Progress& progress);
  /// [B] -log p(x|z), nats; the remedy's decoder_input applies in training only.
  torch::Tensor reconstruct(const Batch& batch, const torch::Tensor& z, const Progress& progress);
  /// [S, B] -log p(x|z_s) for z [S, B, d], without gradient or dropout.
  torch::Tensor reconstruct_samples(const Batch& batch, const torch::Tensor& z);
  LstmDecoder& decoder() { return decoder_; }

  /// Parameters by group (kEncoder, kDecoder, kOwn).
  std::vector<torch::Tensor> group(ParameterGroup group) const;
  /// Draws a group's weights anew.
  void reset(ParameterGroup group, std::uint64_t seed);

 private:
  std::string init_;
  std::int64_t latent_dim_ = 0;
  LstmEncoder encoder_{nullptr};
  LstmDecoder decoder_{nullptr};
  std::shared_ptr<RegularizerStack> remedy_;
};
TORCH_MODULE(TextVae);

}  // namespace klbench
