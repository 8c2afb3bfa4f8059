#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "config/cell_config.h"
#include "data/dataset.h"
#include "latent/prior.h"
#include "models/decoder.h"
#include "models/encoder.h"
#include "regularizers/stack.h"

namespace klbench {

/// What a model must know of its data; latent_dim is the configuration's to say.
ModelFacts facts_for_model(const Dataset& data);

/// A VAE with its remedy, or its decoder alone where model.latent_dim is 0.
class VaeImpl : public torch::nn::Module {
 public:
  /// Encoder, decoder and remedy that `config` names, for data of these facts; weights are drawn from `seed` alone, so
  /// every remedy starts from the same ones.
  VaeImpl(const CellConfig& config, const ModelFacts& data, std::uint64_t seed);

  bool has_latent() const { return encoder_ != nullptr; }
  /// d; 0 without a latent variable.
  std::int64_t latent_dim() const { return facts_.latent_dim; }
  /// Only with a latent.
  RegularizerStack& remedy() { return *remedy_; }
  const RegularizerStack& remedy() const { return *remedy_; }

  RawPosterior encode(const Batch& batch) { return encoder_->forward(batch); }
  /// Posterior that the remedy makes of raw outputs, and of the batch; of the model's family.
  PosteriorPair posterior(const RawPosterior& raw, const Progress& progress);
  /// What the remedy's refine makes of the posterior, having the model at hand.
  PosteriorPair refined(PosteriorPair posterior, const Batch& batch, const Progress& progress);
  PosteriorPair posterior(const Batch& batch, const Progress& progress) {
    return refined(posterior(encode(batch), progress), batch, progress);
  }
  /// The model and a batch as remedies ask them.
  std::shared_ptr<BatchModel> asked(const Batch& batch, const Progress& progress);

  /// Draws of the posterior that feeds the decoder, [..., B, d], and raw KLs from the prior, nats.
  struct Latent {
    torch::Tensor z;
    torch::Tensor kl;          ///< of the posterior that is penalised: [B, d], or [B, 1] where it does not factorise
    torch::Tensor kl_decoder;  ///< of the one that feeds the decoder; the same tensor unless the remedy makes a pair
  };
  /// From standard normal noise [B, d]. The KL is in closed form where family and prior have one, else that of the
  /// draw, log q(z|x) - log p(z).
  Latent latent(const PosteriorPair& posterior, const torch::Tensor& noise);
  /// The KL is known in closed form.
  bool closed_form_kl() const { return closed_form_; }
  /// Gaussian posteriors and a standard normal prior: what analytic floors and the moments of the prior are about.
  bool standard_latent() const { return config_.standard_latent(); }
  bool normal_prior() const { return config_.normal_prior(); }
  const Prior& prior() const { return *prior_; }
  /// Points [n, d] on the way from one latent to another, both ends included: a straight line, on the sphere an arc.
  torch::Tensor way(const torch::Tensor& from, const torch::Tensor& to, std::int64_t points) const;
  /// z lies on the unit sphere.
  bool on_sphere() const { return family_ && family_->on_sphere(); }
  /// The batch with the words that the decoder is fed: in training the remedy's decoder_input, else its own.
  Batch fed(const Batch& batch, const Progress& progress);
  /// [B] -log p(x|z), nats, with the words of fed().
  torch::Tensor reconstruct(const Batch& batch, const torch::Tensor& z, const Progress& progress) {
    return decoder_->loss(fed(batch, progress), z);
  }
  /// [S, B] -log p(x|z_s) for z [S, B, d], without gradient.
  torch::Tensor reconstruct_samples(const Batch& batch, const torch::Tensor& z) { return decoder_->score(batch, z); }
  Decoder& decoder() { return *decoder_; }
  /// The decoder as what it is; throw Error where it is for other data.
  TextDecoder& text_decoder();
  ImageDecoder& image_decoder();

  /// Parameters by group: the encoder's, the decoder's, those of remedy, posterior family and prior.
  std::vector<torch::Tensor> group(ParameterGroup group) const;
  /// Layers of encoder and decoder that gather running statistics of batches, in a buffer "running_mean": batch
  /// normalisation in any dimension.
  std::vector<std::shared_ptr<torch::nn::Module>> batch_norms() const;
  /// Draws the encoder's or the decoder's weights anew from `seed`.
  void reset(ParameterGroup group, std::uint64_t seed);

 private:
  std::shared_ptr<Encoder> make_encoder(std::uint64_t seed) const;
  std::shared_ptr<Decoder> make_decoder(std::uint64_t seed) const;
  void make_latent(std::uint64_t seed);

  CellConfig config_;
  ModelFacts facts_;
  std::shared_ptr<RegularizerStack> remedy_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Decoder> decoder_;
  std::shared_ptr<PosteriorFamily> family_;  ///< null: Gaussian
  std::shared_ptr<Prior> prior_;
  bool closed_form_ = true;
};
TORCH_MODULE(Vae);

}  // namespace klbench
