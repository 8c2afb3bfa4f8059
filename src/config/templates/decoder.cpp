#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kDecoderTemplate = {"decoder",
                                            &Components::decoders,
                                            "models/decoder.h",
                                            "src/models/decoders",
                                            "tests/models",
                                            R"(#include "@header@"

#include "core/special_words.h"
@mark@
namespace klbench {

namespace {

/// What the decoder computes, as a formula, and the paper it is from. As written: every word is drawn from
/// softmax(W z + b), whatever stands before it. An ImageDecoder is made likewise; PrefixDecoder (models/prefix_decoder.h)
/// serves text decoders that keep no state between words.
class @Class@ : public TextDecoder {
 public:
  @Class@(const Options& /*options*/, const DecoderRequest& request) {
    out_ = register_module("out", torch::nn::Linear(request.model.latent_dim, request.model.vocabulary));
  }

  torch::Tensor loss(const Batch& batch, const torch::Tensor& z) override { return nll(batch, z); }
  torch::Tensor score(const Batch& batch, const torch::Tensor& z) override {
    const torch::NoGradGuard no_grad;
    return nll(batch, z);
  }

 private:
  /// z [..., B, d] -> [..., B].
  torch::Tensor nll(const Batch& batch, const torch::Tensor& z) {
    const auto log_p = out_->forward(z).log_softmax(-1);  // [..., B, V]
    auto sizes = log_p.sizes().vec();
    const auto words = batch.targets().t();  // [B, T]
    sizes.back() = words.size(1);
    return -(log_p.gather(-1, words.expand(sizes)) * (words != kPad)).sum(-1);
  }

  struct Unmoved : Writer {
    explicit Unmoved(torch::Tensor words) : logits(std::move(words)) {}
    torch::Tensor next(const torch::Tensor& /*word*/) override { return logits; }
    torch::Tensor logits;
  };
  std::unique_ptr<Writer> writer(const torch::Tensor& z) override {
    return std::make_unique<Unmoved>(out_->forward(z));
  }

  torch::nn::Linear out_{nullptr};
};

KLBENCH_DECODER(@Class@, {.key = "@key@",
                          .summary = "one line for klbench list",
                          .paper = "authors, venue year",
                          .domain = kText,
                          .needs = {kLatent}});  // it cannot do without z

}  // namespace

}  // namespace klbench
)",
                                            R"(#include "models/decoder.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("@key@ gives a word the same probability wherever it stands") {
  const auto& entry = DecoderRegistry::instance().find("@key@");
  const auto decoder = entry.make(Options(entry.spec, {}), {{.latent_dim = 2, .vocabulary = 9}});
  const auto x = torch::tensor({{1, 1}, {5, 7}, {7, 5}, {2, 2}});  // <s> 5 7 </s>, <s> 7 5 </s>
  const auto loss = decoder->loss({x, torch::tensor({3, 3}), torch::arange(2)}, torch::ones({2, 2}));
  CHECK(loss.size(0) == 2);
  CHECK(torch::allclose(loss[0], loss[1]));
}
)",
                                            "model.decoder: @key@"};

}  // namespace klbench
