#include "core/special_words.h"
#include "models/encoder.h"

namespace klbench {

namespace {

/// What the encoder computes, as a formula, and the paper it is from. As written: mu and the raw scale are linear in
/// the mean of the embeddings of the words, <s> and </s> among them. It offers neither states to be pooled (.offers =
/// {kPooledStates}, request.pooling) nor to read vectors (word_size), without which pooling_encoder and vamp are
/// refused.
class ZzEncoderEncoder : public Encoder {
 public:
  ZzEncoderEncoder(const Options& options, const EncoderRequest& request) {
    const auto size = options.integer("embedding_dim");
    words_ = register_module("words", torch::nn::Embedding(request.model.vocabulary, size));
    out_ = register_module("out", torch::nn::Linear(size, 2 * request.model.latent_dim));
  }

  RawPosterior forward(const Batch& batch) override {
    const auto is_word = (batch.x != kPad).unsqueeze(2).to(torch::kFloat32);  // [T+1, B, 1]
    const auto mean = (words_->forward(batch.x) * is_word).sum(0) / is_word.sum(0);
    const auto halves = out_->forward(mean).chunk(2, 1);
    return {halves[0], halves[1]};
  }

 private:
  torch::nn::Embedding words_{nullptr};
  torch::nn::Linear out_{nullptr};
};

KLBENCH_ENCODER(
    ZzEncoderEncoder,
    {.key = "zz_encoder",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "embedding_dim", .default_value = 32, .help = "size of a word", .min = 1, .max = 65536}},
     .domain = kText});

}  // namespace

}  // namespace klbench
