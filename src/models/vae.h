#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "models/batches.h"
#include "models/lstm_decoder.h"
#include "models/lstm_encoder.h"
#include "regularizers/stack.h"

namespace klbench {

/// A text VAE with its remedy, or the LSTM language model (no encoder, no remedy).
class TextVaeImpl : public torch::nn::Module {
 public:
  /// Sizes and options from `config` (model.*, regularizer); weights are drawn from `seed` alone, so every remedy
  /// starts from the same ones.
  TextVaeImpl(const CellConfig& config, std::int64_t vocabulary, std::uint64_t seed);

  bool has_latent() const { return !encoder_.is_empty(); }
  /// d; 0 for the language model.
  std::int64_t latent_dim() const { return latent_dim_; }
  /// Only with a latent.
  RegularizerStack& remedy() { return *remedy_; }
  const RegularizerStack& remedy() const { return *remedy_; }

  RawPosterior encode(const Batch& batch) { return encoder_->forward(batch); }
  /// Posterior that the remedy makes of the batch.
  PosteriorPair posterior(const Batch& batch, const Progress& progress);
  /// [B] -log p(x|z), nats; the remedy's decoder_input applies in training only.
  torch::Tensor reconstruct(const Batch& batch, const torch::Tensor& z, const Progress& progress);
  /// [S, B] -log p(x|z_s) for z [S, B, d], without gradient.
  torch::Tensor reconstruct_samples(const Batch& batch, const torch::Tensor& z);
  LstmDecoder& decoder() { return decoder_; }

  /// Parameters by group: the encoder's, the decoder's, the remedy's own.
  std::vector<torch::Tensor> group(ParameterGroup group) const;
  /// Draws the encoder's or the decoder's weights anew from `seed`.
  void reset(ParameterGroup group, std::uint64_t seed);

 private:
  LstmEncoder make_encoder(std::uint64_t seed) const;
  LstmDecoder make_decoder(std::uint64_t seed) const;
  void initialise(torch::nn::Module& module, const std::string& init, std::uint64_t seed) const;

  CellConfig config_;
  std::int64_t vocabulary_;
  std::int64_t latent_dim_ = 0;
  std::shared_ptr<RegularizerStack> remedy_;
  LstmEncoder encoder_{nullptr};
  LstmDecoder decoder_{nullptr};
};
TORCH_MODULE(TextVae);

}  // namespace klbench
