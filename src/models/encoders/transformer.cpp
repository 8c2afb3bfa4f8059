#include <limits>

#include "models/encoder.h"
#include "models/nn/attention.h"
#include "models/nn/embedding.h"
#include "models/sizes.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Transformer encoder: words -> raw mu, raw scale. Embedding with sinusoidal positions, layers in which every position
/// of <s> x </s> attends to every other, then a linear map without bias of one vector: the state at </s> (pooling
/// "last"), or the mean or maximum over the real states ("mean", "max").
class TransformerEncoder : public Encoder {
 public:
  TransformerEncoder(const Options& options, const EncoderRequest& request)
      : width_(options.integer("hidden_dim")), pooling_(request.pooling) {
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, width_));
    layers_ = register_module("layers", torch::nn::ModuleList());
    for (std::int64_t i = 0; i < options.integer("layers"); ++i) {
      layers_->push_back(nn::TransformerLayer(nn::TransformerSizes{
          width_, options.integer("heads"), options.integer("feedforward_dim"), 0, options.real("dropout")}));
    }
    norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width_})));
    to_latent_ = register_module(
        "to_latent", torch::nn::Linear(torch::nn::LinearOptions(width_, 2 * request.model.latent_dim).bias(false)));
  }

  RawPosterior forward(const Batch& batch) override {
    const auto words = batch.x.transpose(0, 1);  // [B, T]
    const auto positions = nn::sinusoidal_positions(words.size(1), width_).to(words.device());
    auto x = embedding_->forward(words) + positions;
    const auto real = torch::arange(words.size(1), batch.lengths.options()).unsqueeze(0) <= batch.lengths.unsqueeze(1);
    const auto mask = torch::zeros(real.sizes(), x.options()).masked_fill(~real, kMinusInfinity).unsqueeze(1);
    for (std::size_t i = 0; i < layers_->size(); ++i) x = layers_->ptr<nn::TransformerLayerImpl>(i)->forward(x, mask);
    const auto halves = to_latent_->forward(pool(norm_->forward(x), real, batch.lengths)).chunk(2, 1);
    return {halves[0], halves[1]};
  }

 private:
  static constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

  /// states [B, T, width], real [B, T] -> [B, width]
  Tensor pool(const Tensor& states, const Tensor& real, const Tensor& last) const {
    if (pooling_ == "last") return states.index({torch::arange(states.size(0), last.options()), last});
    if (pooling_ == "max") return states.masked_fill(~real.unsqueeze(2), kMinusInfinity).amax(1);
    return states.masked_fill(~real.unsqueeze(2), 0).sum(1) / (last + 1).unsqueeze(1);
  }

  std::int64_t width_;
  std::string pooling_;
  nn::Embedding embedding_{nullptr};
  torch::nn::ModuleList layers_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
};

KLBENCH_ENCODER(TransformerEncoder,
                {.key = "transformer",
                 .summary = "transformer layers, the state at </s>",
                 .paper = "Vaswani et al., NeurIPS 2017",
                 .options = {size_option("hidden_dim", 128, "width of a state"), size_option("layers", 2, "layers"),
                             size_option("heads", 4, "attention heads; they divide hidden_dim"),
                             size_option("feedforward_dim", 256, "units between the two maps of a layer"),
                             dropout_option("dropout", 0.1, "dropout on the output of every part of a layer")},
                 .domain = kText});

}  // namespace

}  // namespace klbench
