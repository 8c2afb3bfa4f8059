#include "models/nn/embedding.h"
#include "models/prefix_decoder.h"
#include "models/sizes.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Residual block of 1, causal dilated and 1 convolutions over time at half the channels, ReLU before each.
class CausalBlockImpl : public torch::nn::Module {
 public:
  CausalBlockImpl(std::int64_t channels, std::int64_t kernel, std::int64_t dilation)
      : padding_((kernel - 1) * dilation) {
    const std::int64_t half = (channels + 1) / 2;
    narrow_ = register_module("narrow", torch::nn::Conv1d(channels, half, 1));
    dilated_ =
        register_module("dilated", torch::nn::Conv1d(torch::nn::Conv1dOptions(half, half, kernel).dilation(dilation)));
    widen_ = register_module("widen", torch::nn::Conv1d(half, channels, 1));
  }

  /// [B, channels, T]
  Tensor forward(const Tensor& x) {
    const auto narrow = torch::relu(narrow_->forward(torch::relu(x)));
    const auto padded = torch::constant_pad_nd(narrow, {padding_, 0});  // of the past alone
    return x + widen_->forward(torch::relu(dilated_->forward(padded)));
  }

 private:
  std::int64_t padding_;
  torch::nn::Conv1d narrow_{nullptr}, dilated_{nullptr}, widen_{nullptr};
};
TORCH_MODULE(CausalBlock);

/// Dilated convolutional decoder p(x|z) = prod_t p(x_t | x_<t, z) (Yang et al., "Improved Variational Autoencoders for
/// Text Modeling using Dilated Convolutions", ICML 2017): z beside every word embedding, a linear map, residual blocks
/// whose dilation doubles, 1, 2, 4, ...: the fewer they are, the less of the past the decoder sees, and the more it
/// needs z. Without a latent variable it is the convolutional language model. No author's code was found; blocks
/// without normalisation, from the paper's Figure 2.
class DilatedCnnDecoder : public PrefixDecoder {
 public:
  DilatedCnnDecoder(const Options& options, const DecoderRequest& request) {
    const auto words = options.integer("embedding_dim"), hidden = options.integer("hidden_dim");
    const auto latent = request.model.latent_dim;
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, words));
    of_words_ = register_module("of_words", torch::nn::Linear(words, hidden));
    if (latent > 0) {
      of_latent_ =
          register_module("of_latent", torch::nn::Linear(torch::nn::LinearOptions(latent, hidden).bias(false)));
    }
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    for (std::int64_t i = 0, dilation = 1; i < options.integer("layers"); ++i, dilation *= 2)
      blocks_->push_back(CausalBlock(hidden, options.integer("kernel"), dilation));
    add_output(options, request, hidden);
  }

  static std::vector<OptionSpec> options() {
    return with_dropouts({size_option("embedding_dim", 128, "word embedding size"),
                          size_option("hidden_dim", 256, "channels of a block"),
                          size_option("layers", 3, "blocks, of dilation 1, 2, 4, ..."),
                          size_option("kernel", 3, "words that a block sees, dilation apart", 2)});
  }

 protected:
  Tensor embed(const Tensor& words, bool noisy) override {
    const auto embedded = embedding_->forward(words);
    return of_words_->forward(noisy ? dropout_in_->forward(embedded) : embedded);
  }

  Tensor states_of(const Tensor& embedded, const Tensor& z) override {
    auto x = (of_latent_.is_empty() ? embedded : embedded + of_latent_->forward(z)).permute({1, 2, 0});
    for (std::size_t i = 0; i < blocks_->size(); ++i) x = blocks_->ptr<CausalBlockImpl>(i)->forward(x);
    return torch::relu(x).permute({2, 0, 1}).contiguous();
  }

 private:
  nn::Embedding embedding_{nullptr};
  torch::nn::Linear of_words_{nullptr}, of_latent_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
};

KLBENCH_DECODER(DilatedCnnDecoder,
                {.key = "dilated_cnn",
                 .summary = "causal convolutions over words whose dilation doubles: sees as much of the past as wanted",
                 .paper = "Yang et al., ICML 2017",
                 .options = DilatedCnnDecoder::options(),
                 .domain = kText,
                 .offers = {kSkipConnection}});

}  // namespace

}  // namespace klbench
