#include "models/vae.h"

#include "core/error.h"
#include "core/rng.h"
#include "latent/family.h"
#include "models/initialise.h"
#include "models/seeded_scope.h"

namespace klbench {

namespace {

/// The component that `section` of the configuration names (`otherwise` where it names none), made of `request`.
template <class Registry, class Request>
auto make_component(const CellConfig& config, const std::string& section, const Request& request, std::uint64_t seed,
                    const std::string& otherwise = "") {
  const auto named = config.values.find(section + ".name");
  const auto& entry =
      Registry::instance().find(named == config.values.end() ? otherwise : std::get<std::string>(named->second));
  const Options options(entry.spec, config.section(section));
  auto component = entry.make(options, request);
  if (options.values().contains("init")) initialise(*component, options.text("init"), seed);
  return component;
}

using Modules = std::vector<std::shared_ptr<torch::nn::Module>>;

Modules batch_norms_of(const torch::nn::Module& part) {
  Modules found;
  for (const auto& module : part.modules()) {
    if (module->named_buffers(/*recurse=*/false).contains("running_mean")) found.push_back(module);
  }
  return found;
}

/// After it the running statistics of the model's own batch normalisation are again what they were before it.
class StillStatistics {
 public:
  explicit StillStatistics(const VaeImpl& model) {
    for (const auto& norm : model.batch_norms()) {
      for (const auto& buffer : norm->named_buffers(/*recurse=*/false)) {
        if (buffer.value().is_floating_point()) before_.emplace_back(buffer.value(), buffer.value().clone());
      }
    }
  }
  StillStatistics(const StillStatistics&) = delete;
  StillStatistics& operator=(const StillStatistics&) = delete;
  ~StillStatistics() {
    // variable_data: autograd, which saves the statistics of a pass, takes no notice; it does not read them again.
    for (const auto& [buffer, before] : before_) buffer.variable_data().copy_(before);
  }

 private:
  std::vector<std::pair<torch::Tensor, torch::Tensor>> before_;
};

/// The batch of a pass under way.
class AskedModel : public BatchModel {
 public:
  AskedModel(VaeImpl& model, Batch batch, const Progress& progress)
      : model_(model), batch_(std::move(batch)), progress_(progress) {}

  torch::Tensor rec(const torch::Tensor& z) override {
    const StillStatistics still(model_);
    return model_.reconstruct(batch_, z, progress_);
  }
  torch::Tensor states(const torch::Tensor& z) override {
    const StillStatistics still(model_);
    return model_.text_decoder().states(model_.fed(batch_, progress_), z);
  }
  /// With the statistics of these images, which are not gathered: collect's begin_statistics forgets them.
  Posterior encode_expected(const torch::Tensor& z) override {
    const StillStatistics still(model_);
    Progress without = progress_;
    if (progress_.training()) without.mode = Progress::Mode::collect;
    const auto raw = model_.encode({model_.image_decoder().expected(z), batch_.lengths, batch_.rows});
    return model_.posterior(raw, without).for_decoder();
  }
  std::vector<torch::Tensor> decoder_parameters() const override { return model_.group(kDecoder); }

 private:
  VaeImpl& model_;
  Batch batch_;
  Progress progress_;
};

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
    make_latent(derive_seed(seed, "latent"));
  }
  decoder_ = register_module("decoder", make_decoder(derive_seed(seed, "decoder")));
}

std::shared_ptr<Encoder> VaeImpl::make_encoder(std::uint64_t seed) const {
  const SeededScope scope(seed);
  return make_component<EncoderRegistry>(config_, "model.encoder", EncoderRequest{facts_, remedy_->encoder_pooling()},
                                         seed);
}

std::shared_ptr<Decoder> VaeImpl::make_decoder(std::uint64_t seed) const {
  const SeededScope scope(seed);
  return make_component<DecoderRegistry>(config_, "model.decoder",
                                         DecoderRequest{facts_, remedy_ && remedy_->skip_decoder()}, seed);
}

/// A configuration that names neither has the Gaussian and the standard normal distribution.
void VaeImpl::make_latent(std::uint64_t seed) {
  const SeededScope scope(seed);
  family_ = make_component<FamilyRegistry>(config_, "model.posterior", facts_, seed, "gaussian");
  if (family_) register_module("posterior", family_);
  const bool normalises = !batch_norms_of(*encoder_).empty();
  const PriorRequest request{
      facts_, encoder_->word_size(), [this, normalises](const torch::Tensor& inputs) {
        if (normalises) throw UsageError("model.prior: pseudo-inputs go through no encoder with batch normalisation");
        const auto count = inputs.size(facts_.image.pixels() > 0 ? 0 : 1);
        const auto length = facts_.image.pixels() > 0 ? 0 : inputs.size(0) - 1;
        const Batch pseudo{inputs, torch::full({count}, length, torch::kInt64),
                           torch::arange(count, inputs.options().dtype(torch::kInt64))};
        return posterior(pseudo, {.mode = is_training() ? Progress::Mode::train : Progress::Mode::eval}).for_decoder();
      }};
  prior_ = register_module("prior", make_component<PriorRegistry>(config_, "model.prior", request, seed, "standard"));
  const Posterior any{torch::zeros({1, facts_.latent_dim}), torch::zeros({1, facts_.latent_dim}), family_.get()};
  closed_form_ = prior_->is_reference() && family_of(any).kl(any).defined();
}

PosteriorPair VaeImpl::posterior(const RawPosterior& raw, const Progress& progress) {
  auto pair = remedy_->posterior(raw, progress);
  if (!family_) return pair;
  pair.kl.family = family_.get();
  if (pair.decoder) pair.decoder->family = family_.get();
  return pair;
}

PosteriorPair VaeImpl::refined(PosteriorPair posterior, const Batch& batch, const Progress& progress) {
  if (progress.mode == Progress::Mode::collect) return posterior;
  return remedy_->refine(std::move(posterior), asked(batch, progress), progress);
}

std::shared_ptr<BatchModel> VaeImpl::asked(const Batch& batch, const Progress& progress) {
  return std::make_shared<AskedModel>(*this, batch, progress);
}

VaeImpl::Latent VaeImpl::latent(const PosteriorPair& posterior, const torch::Tensor& noise) {
  const auto& q = posterior.for_decoder();
  if (closed_form_) {
    const auto kl = family_of(posterior.kl).kl(posterior.kl);
    return {family_of(q).sample(q, noise), kl, posterior.decoder ? family_of(q).kl(q) : kl};
  }
  const auto sampled_kl = [&](const PosteriorFamily::Draw& draw) {
    return (draw.log_q - prior_->log_p(draw.z)).unsqueeze(-1);
  };
  const auto draw = family_of(q).draw(q, noise);
  const auto kl = sampled_kl(draw);
  return {draw.z, posterior.decoder ? sampled_kl(family_of(posterior.kl).draw(posterior.kl, noise)) : kl, kl};
}

torch::Tensor VaeImpl::way(const torch::Tensor& from, const torch::Tensor& to, std::int64_t points) const {
  const auto share = torch::linspace(0, 1, points, from.options()).unsqueeze(1);
  const auto line = from + share * (to - from);
  return on_sphere() ? line / line.norm(2, 1, true).clamp_min(1e-12) : line;
}

Batch VaeImpl::fed(const Batch& batch, const Progress& progress) {
  if (!remedy_ || !progress.training() || !batch.is_text()) return batch;
  Batch fed = batch;
  fed.fed = remedy_->decoder_input(batch.inputs(), progress);
  return fed;
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
  if (group == kEncoder) return encoder_->parameters();
  auto own = remedy_->parameters();
  const auto add = [&own](const torch::nn::Module& module) {
    for (const auto& parameter : module.parameters()) own.push_back(parameter);
  };
  if (family_) add(*family_);
  add(*prior_);
  return own;
}

std::vector<std::shared_ptr<torch::nn::Module>> VaeImpl::batch_norms() const {
  auto found = batch_norms_of(*decoder_);
  for (auto& norm : has_latent() ? batch_norms_of(*encoder_) : Modules()) found.push_back(std::move(norm));
  return found;
}

void VaeImpl::reset(ParameterGroup group, std::uint64_t seed) {
  if (group == kOwn) throw Error("only the encoder and the decoder can be drawn anew");
  const torch::NoGradGuard no_grad;
  const auto fresh = group == kEncoder ? make_encoder(seed)->parameters() : make_decoder(seed)->parameters();
  const auto mine = this->group(group);
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i].copy_(fresh[i]);
}

}  // namespace klbench
