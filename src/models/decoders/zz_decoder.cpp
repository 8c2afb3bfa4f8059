#include "core/special_words.h"
#include "models/decoder.h"

namespace klbench {

namespace {

/// What the decoder computes, as a formula, and the paper it is from. As written: every word is drawn from
/// softmax(W z + b), whatever stands before it. An ImageDecoder is made likewise; PrefixDecoder
/// (models/prefix_decoder.h) serves text decoders that keep no state between words.
class ZzDecoderDecoder : public TextDecoder {
 public:
  ZzDecoderDecoder(const Options& /*options*/, const DecoderRequest& request) {
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

KLBENCH_DECODER(ZzDecoderDecoder, {.key = "zz_decoder",
                                   .summary = "one line for klbench list",
                                   .paper = "authors, venue year",
                                   .domain = kText,
                                   .needs = {kLatent}});  // it cannot do without z

}  // namespace

}  // namespace klbench
