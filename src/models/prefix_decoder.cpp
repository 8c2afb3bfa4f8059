#include "models/prefix_decoder.h"

#include <utility>

#include "models/sizes.h"

namespace klbench {

using torch::Tensor;

std::vector<OptionSpec> PrefixDecoder::with_dropouts(std::vector<OptionSpec> options) {
  options.push_back(dropout_option("dropout_in", 0.5, "dropout on the word embeddings"));
  options.push_back(dropout_option("dropout_out", 0.5, "dropout before the softmax layer"));
  return options;
}

void PrefixDecoder::add_output(const Options& options, const DecoderRequest& request, std::int64_t width) {
  const auto latent = request.model.latent_dim;
  has_latent_ = latent > 0;
  skip_ = request.skip && has_latent_;
  dropout_in_ = register_module("dropout_in", nn::Dropout(options.real("dropout_in")));
  dropout_out_ = register_module("dropout_out", nn::Dropout(options.real("dropout_out")));
  output_ = register_module("output", nn::LinearCrossEntropy(width + (skip_ ? latent : 0), request.model.vocabulary));
}

Tensor PrefixDecoder::outputs(const Tensor& embedded, const Tensor& z) {
  const auto states = states_of(embedded, z);
  return skip_ ? torch::cat({states, z.unsqueeze(0).expand({states.size(0), -1, -1})}, 2) : states;
}

Tensor PrefixDecoder::noisy_outputs(const Batch& batch, const Tensor& z) {
  return dropout_out_->forward(outputs(embed(batch.inputs(), true), z));
}

Tensor PrefixDecoder::loss(const Batch& batch, const Tensor& z) {
  return output_->forward(noisy_outputs(batch, z), batch.targets()).sum(0);
}

Tensor PrefixDecoder::states(const Batch& batch, const Tensor& z) {
  const auto real = torch::arange(batch.x.size(0) - 1).unsqueeze(1) < batch.lengths;  // [T, B]
  const auto places = on(batch.x.device(), real.flatten().nonzero().squeeze(1));
  return noisy_outputs(batch, z).flatten(0, 1).index_select(0, places);
}

Tensor PrefixDecoder::score(const Batch& batch, const Tensor& z) {
  const torch::NoGradGuard no_grad;
  const auto words = embed(batch.inputs(), false);  // of all samples
  if (!has_latent_) return output_->forward(outputs(words, {}), batch.targets()).sum(0).expand({z.size(0), z.size(1)});
  const auto states = outputs(words.repeat({1, z.size(0), 1}), z.flatten(0, 1));
  return output_->token_nll(states, batch.targets()).sum(0).view({z.size(0), z.size(1)});
}

std::unique_ptr<TextDecoder::Writer> PrefixDecoder::writer(const Tensor& z) {
  class PrefixWriter : public Writer {
   public:
    PrefixWriter(PrefixDecoder& decoder, Tensor latent) : decoder_(decoder), z_(std::move(latent)) {}
    Tensor next(const Tensor& word) override {
      const auto last = word.unsqueeze(0);
      words_ = words_.defined() ? torch::cat({words_, last}) : last;
      return decoder_.output_->logits(decoder_.outputs(decoder_.embed(words_, false), z_)[-1]);
    }

   private:
    PrefixDecoder& decoder_;
    Tensor z_, words_;
  };
  return std::make_unique<PrefixWriter>(*this, z);
}

}  // namespace klbench
