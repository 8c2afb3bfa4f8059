#include "models/decoder.h"
#include "models/initialise.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "models/nn/linear_cross_entropy.h"
#include "models/nn/lstm_layer.h"
#include "models/nn/packing.h"
#include "models/sizes.h"

namespace klbench {

namespace {

/// z [B, d] at every step of outputs [T, B, h].
torch::Tensor each_step(const torch::Tensor& z, const torch::Tensor& outputs) {
  return z.unsqueeze(0).expand({outputs.size(0), -1, -1});
}

/// LSTM decoder p(x|z) = prod_t p(x_t | x_<t, z): z is concatenated to every input and mapped to the initial state
/// (c0 = W z, h0 = tanh c0), dropout on the embeddings and on the output, softmax layer without bias (Bowman et al.
/// 2016, as in the public code of He et al. 2019). Without a latent variable it is the LSTM language model. `skip`: z
/// is concatenated to the output before the softmax too (Dieng et al. 2019).
class LstmDecoder : public TextDecoder {
 public:
  LstmDecoder(const Options& options, const DecoderRequest& request)
      : skip_(request.skip && request.model.latent_dim > 0) {
    const auto words = options.integer("embedding_dim"), hidden = options.integer("hidden_dim");
    const auto [latent, vocabulary, image] = request.model;
    embedding_ = register_module("embedding", nn::Embedding(vocabulary, words));
    lstm_ = register_module("lstm", nn::LstmLayer(words, latent, hidden));
    if (latent > 0) {
      to_state_ = register_module("to_state", torch::nn::Linear(torch::nn::LinearOptions(latent, hidden).bias(false)));
    }
    dropout_in_ = register_module("dropout_in", nn::Dropout(options.real("dropout_in")));
    dropout_out_ = register_module("dropout_out", nn::Dropout(options.real("dropout_out")));
    output_ = register_module("output", nn::LinearCrossEntropy(hidden + (skip_ ? latent : 0), vocabulary));
  }

  torch::Tensor loss(const Batch& batch, const torch::Tensor& z) override {
    const nn::Packing packing(batch.lengths, batch.x.device());
    const auto outputs = packed_outputs(batch, packing, z);
    const auto nll = output_->forward(outputs.unsqueeze(1), packing.pack(batch.targets()).unsqueeze(1)).squeeze(1);
    return torch::zeros({packing.sequences()}, nll.options()).index_add(0, packing.sequence(), nll);
  }

  torch::Tensor states(const Batch& batch, const torch::Tensor& z) override {
    return packed_outputs(batch, nn::Packing(batch.lengths, batch.x.device()), z);
  }

  torch::Tensor score(const Batch& batch, const torch::Tensor& z) override {
    const torch::NoGradGuard no_grad;
    const auto targets = batch.targets();
    const auto words = embedding_->forward(batch.inputs());
    if (to_state_.is_empty()) {
      return output_->forward(lstm_->forward(words).outputs, targets).sum(0).expand({z.size(0), z.size(1)});
    }
    const auto rows = z.flatten(0, 1);
    const auto c0 = to_state_->forward(rows);
    const auto outputs = lstm_->infer(words, rows, torch::tanh(c0), c0).outputs;
    return output_->token_nll(with_skip(outputs, each_step(rows, outputs)), targets)
        .sum(0)
        .view({z.size(0), z.size(1)});
  }

 protected:
  std::unique_ptr<Writer> writer(const torch::Tensor& z) override { return std::make_unique<LstmWriter>(*this, z); }

 private:
  class LstmWriter : public Writer {
   public:
    LstmWriter(LstmDecoder& decoder, const torch::Tensor& z) : decoder_(decoder), z_(z) {
      if (decoder.to_state_.is_empty()) return;
      context_ = z;
      c_ = decoder.to_state_->forward(z);
      h_ = torch::tanh(c_);
    }
    torch::Tensor next(const torch::Tensor& word) override {
      const auto embedded = decoder_.embedding_->forward(word.unsqueeze(0));
      const auto step = decoder_.lstm_->forward(embedded, context_, h_, c_);
      h_ = step.h;
      c_ = step.c;
      return decoder_.output_->logits(decoder_.with_skip(step.outputs, each_step(z_, step.outputs))).squeeze(0);
    }

   private:
    LstmDecoder& decoder_;
    torch::Tensor z_, context_, h_, c_;
  };

  /// What the softmax layer reads for every predicted word, [N, h (+ d)], packed; with dropout.
  torch::Tensor packed_outputs(const Batch& batch, const nn::Packing& packing, const torch::Tensor& z) {
    const auto words = dropout_in_->forward(embedding_->forward(packing.pack(batch.inputs())));
    torch::Tensor outputs;
    if (to_state_.is_empty()) {
      outputs = lstm_->forward(words, packing).outputs;
    } else {
      const auto c0 = to_state_->forward(z);
      outputs = lstm_->forward(words, packing, z, torch::tanh(c0), c0).outputs;
    }
    outputs = dropout_out_->forward(outputs);
    return skip_ ? with_skip(outputs, z.index_select(0, packing.sequence())) : outputs;
  }

  /// outputs [..., h] with z [..., d] beside them where there is a skip connection.
  torch::Tensor with_skip(const torch::Tensor& outputs, const torch::Tensor& z) const {
    return skip_ ? torch::cat({outputs, z}, -1) : outputs;
  }

  bool skip_;
  nn::Embedding embedding_{nullptr};
  torch::nn::Linear to_state_{nullptr};
  nn::LstmLayer lstm_{nullptr};
  nn::Dropout dropout_in_{nullptr};
  nn::Dropout dropout_out_{nullptr};
  nn::LinearCrossEntropy output_{nullptr};
};

KLBENCH_DECODER(LstmDecoder,
                {.key = "lstm",
                 .summary = "one LSTM layer, z at every step and in the initial state",
                 .paper = "Bowman et al., CoNLL 2016; He et al., ICLR 2019",
                 .options = {size_option("embedding_dim", 128, "word embedding size (ni)"),
                             size_option("hidden_dim", 256, "LSTM state size (nh)"),
                             dropout_option("dropout_in", 0.5, "dropout on the word embeddings"),
                             dropout_option("dropout_out", 0.5, "dropout on the LSTM output"), init_option()},
                 .domain = kText,
                 .offers = {kSkipConnection}});

}  // namespace

}  // namespace klbench
