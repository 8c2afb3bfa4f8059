#include "models/nn/attention.h"
#include "models/nn/embedding.h"
#include "models/prefix_decoder.h"
#include "models/transformer_stack.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Causal transformer decoder p(x|z) = prod_t p(x_t | x_<t, z): z is added to every word embedding, and is a memory
/// that every position of every layer attends to, the two ways of Li et al., "Optimus", EMNLP 2020. Sinusoidal
/// positions, normalisation before each part. Without a latent variable it is the transformer language model. `skip`: z
/// is concatenated to the output before the softmax too.
class TransformerDecoder : public PrefixDecoder {
 public:
  TransformerDecoder(const Options& options, const DecoderRequest& request) {
    const auto width = options.integer("hidden_dim"), latent = request.model.latent_dim;
    embedding_ = register_module("embedding", nn::Embedding(request.model.vocabulary, width));
    if (latent > 0) {
      to_embedding_ =
          register_module("to_embedding", torch::nn::Linear(torch::nn::LinearOptions(latent, width).bias(false)));
    }
    stack_ = register_module("stack", TransformerStack(options, latent));
    add_output(options, request, width);
  }

  static std::vector<OptionSpec> options() { return with_dropouts(transformer_options()); }

 protected:
  Tensor embed(const Tensor& words, bool noisy) override {
    const auto vectors = embedding_->forward(words);
    const auto positions = nn::sinusoidal_positions(vectors.size(0), vectors.size(2), vectors.device());
    const auto embedded = vectors + positions.unsqueeze(1);
    return noisy ? dropout_in_->forward(embedded) : embedded;
  }

  Tensor states_of(const Tensor& embedded, const Tensor& z) override {
    const bool latent = !to_embedding_.is_empty();
    const auto x = (latent ? embedded + to_embedding_->forward(z) : embedded).transpose(0, 1);
    const auto mask = nn::causal_mask(embedded.size(0), embedded.options());
    return stack_->forward(x, mask, latent ? z : Tensor()).transpose(0, 1).contiguous();
  }

 private:
  nn::Embedding embedding_{nullptr};
  torch::nn::Linear to_embedding_{nullptr};
  TransformerStack stack_{nullptr};
};

KLBENCH_DECODER(TransformerDecoder, {.key = "transformer",
                                     .summary = "causal transformer, z added to every embedding and as a memory",
                                     .paper = "Vaswani et al., NeurIPS 2017; Li et al., EMNLP 2020 (Optimus)",
                                     .options = TransformerDecoder::options(),
                                     .domain = kText,
                                     .offers = {kSkipConnection}});

}  // namespace

}  // namespace klbench
