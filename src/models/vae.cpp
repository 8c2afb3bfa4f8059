#include "models/vae.h"

#include "core/error.h"
#include "core/rng.h"
#include "models/initialise.h"
#include "models/seeded_scope.h"

namespace klbench {

namespace {

/// The component that `section` of the configuration names, made of `request`, with weights from `seed` alone.
template <class Registry, class Request>
auto make_component(const CellConfig& config, const std::string& section, const Request& request, std::uint64_t seed) {
  const auto& entry = Registry::instance().find(config.text(section + ".name"));
  const Options options(entry.spec, config.section(section));
  const SeededScope scope(seed);
  auto component = entry.make(options, request);
  if (options.values().contains("init")) initialise(*component, options.text("init"), seed);
  return component;
}

}  // namespace

ModelFacts facts_for_model(const Dataset& data) {
  if (const auto* images = dynamic_cast<const ImageCorpus*>(&data)) return {.image = images->shape};
  return {.vocabulary = static_cast<std::int64_t>(text_of(data).words.size())};
}

VaeImpl::VaeImpl(const CellConfig& config, const ModelFacts& data, std::uint64_t seed) : config_(config), facts_(data) {
  facts_.latent_dim = config.integer("model.latent_dim");
  if (config.has_latent()) {
    const SeededScope scope(derive_seed(seed, "remedy"));
    remedy_ = std::make_shared<RegularizerStack>(config.regularizer, facts_);
    encoder_ = register_module("encoder", make_encoder(derive_seed(seed, "encoder")));
    register_module("remedy", remedy_);
  }
  decoder_ = register_module("decoder", make_decoder(derive_seed(seed, "decoder")));
}

std::shared_ptr<Encoder> VaeImpl::make_encoder(std::uint64_t seed) const {
  return make_component<EncoderRegistry>(config_, "model.encoder", EncoderRequest{facts_, remedy_->encoder_pooling()},
                                         seed);
}

std::shared_ptr<Decoder> VaeImpl::make_decoder(std::uint64_t seed) const {
  return make_component<DecoderRegistry>(config_, "model.decoder",
                                         DecoderRequest{facts_, remedy_ && remedy_->skip_decoder()}, seed);
}

PosteriorPair VaeImpl::posterior(const Batch& batch, const Progress& progress) {
  return remedy_->posterior(encode(batch), progress);
}

torch::Tensor VaeImpl::reconstruct(const Batch& batch, const torch::Tensor& z, const Progress& progress) {
  if (!remedy_ || !progress.training() || !batch.is_text()) return decoder_->loss(batch, z);
  Batch fed = batch;
  fed.fed = remedy_->decoder_input(batch.inputs(), progress);
  return decoder_->loss(fed, z);
}

TextDecoder& VaeImpl::text_decoder() {
  auto* text = dynamic_cast<TextDecoder*>(decoder_.get());
  if (!text) throw Error("this decoder writes no text");
  return *text;
}

ImageDecoder& VaeImpl::image_decoder() {
  auto* images = dynamic_cast<ImageDecoder*>(decoder_.get());
  if (!images) throw Error("this decoder draws no images");
  return *images;
}

std::vector<torch::Tensor> VaeImpl::group(ParameterGroup group) const {
  if (group == kDecoder) return decoder_->parameters();
  if (!has_latent()) return {};
  return group == kEncoder ? encoder_->parameters() : remedy_->parameters();
}

void VaeImpl::reset(ParameterGroup group, std::uint64_t seed) {
  if (group == kOwn) throw Error("only the encoder and the decoder can be drawn anew");
  const torch::NoGradGuard no_grad;
  const auto fresh = group == kEncoder ? make_encoder(seed)->parameters() : make_decoder(seed)->parameters();
  const auto mine = this->group(group);
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i].copy_(fresh[i]);
}

}  // namespace klbench
