#include "models/vae.h"

#include "core/error.h"
#include "core/rng.h"
#include "models/seeded_scope.h"

namespace klbench {

TextVaeImpl::TextVaeImpl(const CellConfig& config, std::int64_t vocabulary, std::uint64_t seed)
    : config_(config), vocabulary_(vocabulary) {
  if (config.text("model.name") != "lstm_lm") {
    latent_dim_ = config.integer("model.latent_dim");
    const SeededScope scope(derive_seed(seed, "remedy"));
    remedy_ = std::make_shared<RegularizerStack>(config.regularizer,
                                                 ModelFacts{.latent_dim = latent_dim_, .vocabulary = vocabulary_});
    encoder_ = register_module("encoder", make_encoder(derive_seed(seed, "encoder")));
    register_module("remedy", remedy_);
  }
  decoder_ = register_module("decoder", make_decoder(derive_seed(seed, "decoder")));
}

LstmEncoder TextVaeImpl::make_encoder(std::uint64_t seed) const {
  const SeededScope scope(seed);
  LstmEncoder encoder(vocabulary_, config_.integer("model.embedding_dim"), config_.integer("model.hidden_dim"),
                      latent_dim_, remedy_->encoder_pooling());
  initialise(*encoder, config_.text("model.encoder_init"), seed);
  return encoder;
}

LstmDecoder TextVaeImpl::make_decoder(std::uint64_t seed) const {
  const SeededScope scope(seed);
  const LstmDecoderImpl::Sizes sizes{vocabulary_, config_.integer("model.embedding_dim"),
                                     config_.integer("model.hidden_dim"), latent_dim_};
  LstmDecoder decoder(sizes, config_.real("model.dropout_in"), config_.real("model.dropout_out"),
                      remedy_ && remedy_->skip_decoder());
  initialise(*decoder, config_.text("model.decoder_init"), seed);
  return decoder;
}

/// uniform: U(-0.01, 0.01), embeddings U(-0.1, 0.1), as the public code of He et al. 2019; uniform_0.1: all U(-0.1,
/// 0.1).
void TextVaeImpl::initialise(torch::nn::Module& module, const std::string& init, std::uint64_t seed) const {
  if (init == "torch") return;
  const SeededScope scope(seed);  // whatever the constructors drew: a larger output layer leaves the others alone
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) {
    const double bound = parameter.key() == "embedding.weight" || init == "uniform_0.1" ? 0.1 : 0.01;
    parameter.value().uniform_(-bound, bound);
  }
}

PosteriorPair TextVaeImpl::posterior(const Batch& batch, const Progress& progress) {
  return remedy_->posterior(encode(batch), progress);
}

torch::Tensor TextVaeImpl::reconstruct(const Batch& batch, const torch::Tensor& z, const Progress& progress) {
  auto inputs = batch.inputs();
  if (remedy_ && progress.training()) inputs = remedy_->decoder_input(inputs, progress);
  return decoder_->forward(inputs, batch.targets(), batch.lengths, z);
}

torch::Tensor TextVaeImpl::reconstruct_samples(const Batch& batch, const torch::Tensor& z) {
  return decoder_->score_samples(batch.inputs(), batch.targets(), z);
}

std::vector<torch::Tensor> TextVaeImpl::group(ParameterGroup group) const {
  if (group == kDecoder) return decoder_->parameters();
  if (!has_latent()) return {};
  return group == kEncoder ? encoder_->parameters() : remedy_->parameters();
}

void TextVaeImpl::reset(ParameterGroup group, std::uint64_t seed) {
  if (group == kOwn) throw Error("only the encoder and the decoder can be drawn anew");
  const torch::NoGradGuard no_grad;
  const auto fresh = group == kEncoder ? make_encoder(seed)->parameters() : make_decoder(seed)->parameters();
  const auto mine = this->group(group);
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i].copy_(fresh[i]);
}

}  // namespace klbench
