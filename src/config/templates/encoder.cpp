#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kEncoderTemplate = {"encoder",
                                            &Components::encoders,
                                            "models/encoder.h",
                                            "src/models/encoders",
                                            "tests/models",
                                            R"(#include "@header@"

#include "core/special_words.h"
@mark@
namespace klbench {

namespace {

/// What the encoder computes, as a formula, and the paper it is from. As written: mu and the raw scale are linear in the
/// mean of the embeddings of the words, <s> and </s> among them. It offers neither states to be pooled (.offers =
/// {kPooledStates}, request.pooling) nor to read vectors (word_size), without which pooling_encoder and vamp are refused.
class @Class@ : public Encoder {
 public:
  @Class@(const Options& options, const EncoderRequest& request) {
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
    @Class@,
    {.key = "@key@",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "embedding_dim", .default_value = 32, .help = "size of a word", .min = 1, .max = 65536}},
     .domain = kText});

}  // namespace

}  // namespace klbench
)",
                                            R"(#include "models/encoder.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("@key@ does not see the order of the words") {
  const auto& entry = EncoderRegistry::instance().find("@key@");
  const auto encoder = entry.make(Options(entry.spec, {}), {{.latent_dim = 3, .vocabulary = 9}, "last"});
  const auto x = torch::tensor({{1, 1}, {5, 7}, {7, 5}, {2, 2}});  // <s> 5 7 </s>, <s> 7 5 </s>
  const auto out = encoder->forward({x, torch::tensor({3, 3}), torch::arange(2)});
  CHECK(out.mu.size(1) == 3);
  CHECK(torch::allclose(out.mu[0], out.mu[1]));
}
)",
                                            "model.encoder: {name: @key@, embedding_dim: 32}"};

}  // namespace klbench
