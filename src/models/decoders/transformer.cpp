#include "models/decoder.h"
#include "models/nn/attention.h"
#include "models/nn/embedding.h"
#include "models/nn/linear_cross_entropy.h"
#include "models/sizes.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Causal transformer decoder p(x|z) = prod_t p(x_t | x_<t, z): z is added to every word embedding, and is a memory
/// that every position of every layer attends to, the two ways of Li et al., "Optimus", EMNLP 2020. Sinusoidal
/// positions, normalisation before each part. Without a latent variable it is the transformer language model. `skip`: z
/// is concatenated to the output before the softmax too.
class TransformerDecoder : public PrefixDecoder {
 public:
  TransformerDecoder(const Options& options, const DecoderRequest& request)
      : width_(options.integer("hidden_dim")), skip_(request.skip && request.model.latent_dim > 0) {
    const auto latent = request.model.latent_dim;
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, width_));
    if (latent > 0) {
      to_embedding_ =
          register_module("to_embedding", torch::nn::Linear(torch::nn::LinearOptions(latent, width_).bias(false)));
    }
    layers_ = register_module("layers", torch::nn::ModuleList());
    for (std::int64_t i = 0; i < options.integer("layers"); ++i) {
      layers_->push_back(nn::TransformerLayer(nn::TransformerSizes{
          width_, options.integer("heads"), options.integer("feedforward_dim"), latent, options.real("dropout")}));
    }
    norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width_})));
    dropout_in_ = register_module("dropout_in", nn::Dropout(options.real("dropout_in")));
    dropout_out_ = register_module("dropout_out", nn::Dropout(options.real("dropout_out")));
    output_ =
        register_module("output", nn::LinearCrossEntropy(width_ + (skip_ ? latent : 0), request.model.vocabulary));
  }

  Tensor loss(const Batch& batch, const Tensor& z) override {
    const auto states = dropout_out_->forward(states_of(dropout_in_->forward(embed(batch.inputs())), z));
    return output_->forward(states, batch.targets()).sum(0);
  }

  Tensor score(const Batch& batch, const Tensor& z) override {
    const torch::NoGradGuard no_grad;
    const auto words = embed(batch.inputs());  // of all samples
    if (to_embedding_.is_empty()) {
      return output_->forward(states_of(words, {}), batch.targets()).sum(0).expand({z.size(0), z.size(1)});
    }
    const auto states = states_of(words.repeat({1, z.size(0), 1}), z.flatten(0, 1));
    return output_->token_nll(states, batch.targets()).sum(0).view({z.size(0), z.size(1)});
  }

 protected:
  Tensor last_logits(const Tensor& words, const Tensor& z) override {
    return output_->logits(states_of(embed(words), z)[-1]);
  }

 private:
  /// words [T, B] -> [T, B, width], with positions.
  Tensor embed(const Tensor& words) {
    const auto positions = nn::sinusoidal_positions(words.size(0), width_).to(words.device());
    return embedding_->forward(words) + positions.unsqueeze(1);
  }

  /// words [T, B, width], z [B, d] or undefined -> what the softmax layer reads, [T, B, width (+ d)].
  Tensor states_of(const Tensor& words, const Tensor& z) {
    const bool latent = !to_embedding_.is_empty();
    auto x = (latent ? words + to_embedding_->forward(z) : words).transpose(0, 1);
    const auto mask = nn::causal_mask(words.size(0)).to(words.options());
    for (std::size_t i = 0; i < layers_->size(); ++i)
      x = layers_->ptr<nn::TransformerLayerImpl>(i)->forward(x, mask, latent ? z : Tensor());
    const auto states = norm_->forward(x).transpose(0, 1).contiguous();
    return skip_ ? torch::cat({states, z.unsqueeze(0).expand({states.size(0), -1, -1})}, 2) : states;
  }

  std::int64_t width_;
  bool skip_;
  nn::Embedding embedding_{nullptr};
  torch::nn::Linear to_embedding_{nullptr};
  torch::nn::ModuleList layers_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  nn::Dropout dropout_in_{nullptr}, dropout_out_{nullptr};
  nn::LinearCrossEntropy output_{nullptr};
};

KLBENCH_DECODER(TransformerDecoder,
                {.key = "transformer",
                 .summary = "causal transformer, z added to every embedding and as a memory",
                 .paper = "Vaswani et al., NeurIPS 2017; Li et al., EMNLP 2020 (Optimus)",
                 .options = {size_option("hidden_dim", 128, "width of a state"), size_option("layers", 2, "layers"),
                             size_option("heads", 4, "attention heads; they divide hidden_dim"),
                             size_option("feedforward_dim", 256, "units between the two maps of a layer"),
                             dropout_option("dropout", 0.1, "dropout on the output of every part of a layer"),
                             dropout_option("dropout_in", 0.5, "dropout on the word embeddings"),
                             dropout_option("dropout_out", 0.5, "dropout before the softmax layer")},
                 .domain = kText});

}  // namespace

}  // namespace klbench
