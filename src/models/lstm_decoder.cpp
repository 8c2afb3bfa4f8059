#include "models/lstm_decoder.h"

#include "data/dataset.h"

namespace klbench {

namespace {

/// z [B, d] at every step of outputs [T, B, h].
torch::Tensor each_step(const torch::Tensor& z, const torch::Tensor& outputs) {
  return z.unsqueeze(0).expand({outputs.size(0), -1, -1});
}

}  // namespace

LstmDecoderImpl::LstmDecoderImpl(const Sizes& sizes, double dropout_in, double dropout_out, bool skip)
    : skip_(skip && sizes.latent_dim > 0) {
  embedding_ = register_module("embedding", nn::Embedding(sizes.vocabulary, sizes.embedding_dim));
  lstm_ = register_module("lstm", nn::LstmLayer(sizes.embedding_dim, sizes.latent_dim, sizes.hidden_dim));
  if (sizes.latent_dim > 0) {
    to_state_ = register_module(
        "to_state", torch::nn::Linear(torch::nn::LinearOptions(sizes.latent_dim, sizes.hidden_dim).bias(false)));
  }
  dropout_in_ = register_module("dropout_in", nn::Dropout(dropout_in));
  dropout_out_ = register_module("dropout_out", nn::Dropout(dropout_out));
  output_ = register_module(
      "output", nn::LinearCrossEntropy(sizes.hidden_dim + (skip_ ? sizes.latent_dim : 0), sizes.vocabulary));
}

torch::Tensor LstmDecoderImpl::with_skip(const torch::Tensor& outputs, const torch::Tensor& z) const {
  return skip_ ? torch::cat({outputs, z}, -1) : outputs;
}

torch::Tensor LstmDecoderImpl::forward(const torch::Tensor& inputs, const torch::Tensor& targets,
                                       const torch::Tensor& lengths, const torch::Tensor& z) {
  const nn::Packing packing(lengths);
  const auto sequence = packing.sequence().to(inputs.device());
  const auto words = dropout_in_->forward(embedding_->forward(packing.pack(inputs)));
  torch::Tensor outputs;
  if (to_state_.is_empty()) {
    outputs = lstm_->forward(words, packing).outputs;
  } else {
    const auto c0 = to_state_->forward(z);
    outputs = lstm_->forward(words, packing, z, torch::tanh(c0), c0).outputs;
  }
  outputs = dropout_out_->forward(outputs);
  if (skip_) outputs = with_skip(outputs, z.index_select(0, sequence));
  const auto nll = output_->forward(outputs.unsqueeze(1), packing.pack(targets).unsqueeze(1)).squeeze(1);
  return torch::zeros({packing.sequences()}, nll.options()).index_add(0, sequence, nll);
}

torch::Tensor LstmDecoderImpl::score_samples(const torch::Tensor& inputs, const torch::Tensor& targets,
                                             const torch::Tensor& z) {
  const torch::NoGradGuard no_grad;
  const auto words = embedding_->forward(inputs);
  if (to_state_.is_empty()) {
    return output_->forward(lstm_->forward(words).outputs, targets).sum(0).expand({z.size(0), z.size(1)});
  }
  const auto rows = z.flatten(0, 1);
  const auto c0 = to_state_->forward(rows);
  const auto outputs = lstm_->infer(words, rows, torch::tanh(c0), c0).outputs;
  return output_->token_nll(with_skip(outputs, each_step(rows, outputs)), targets).sum(0).view({z.size(0), z.size(1)});
}

std::vector<std::vector<std::int32_t>> LstmDecoderImpl::generate(const torch::Tensor& z, std::int64_t max_length,
                                                                 double temperature, torch::Generator generator) {
  const torch::NoGradGuard no_grad;
  const std::int64_t rows = z.size(0);
  std::vector<std::vector<std::int32_t>> sentences(static_cast<std::size_t>(rows));
  std::vector<bool> ended(static_cast<std::size_t>(rows), false);
  torch::Tensor c = to_state_.is_empty() ? torch::Tensor() : to_state_->forward(z);
  torch::Tensor h = c.defined() ? torch::tanh(c) : torch::Tensor();
  auto word = torch::full({rows}, kStart, torch::TensorOptions().dtype(torch::kInt64).device(z.device()));
  for (std::int64_t t = 0; t < max_length; ++t) {
    const auto context = to_state_.is_empty() ? torch::Tensor() : z;
    const auto step = lstm_->forward(embedding_->forward(word.unsqueeze(0)), context, h, c);
    h = step.h;
    c = step.c;
    auto logits = output_->logits(with_skip(step.outputs, each_step(z, step.outputs))).squeeze(0);
    for (const auto never : {kPad, kStart}) logits.select(1, never).fill_(-INFINITY);
    word = temperature > 0 ? torch::multinomial(torch::softmax(logits / temperature, 1), 1, false, generator).squeeze(1)
                           : logits.argmax(1);
    const auto ids = word.cpu();
    bool all_ended = true;
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto row = static_cast<std::size_t>(i);
      const auto id = static_cast<std::int32_t>(ids[i].item<std::int64_t>());
      if (id == kEnd) ended[row] = true;
      if (!ended[row]) sentences[row].push_back(id);
      all_ended = all_ended && ended[row];
    }
    if (all_ended) break;
  }
  return sentences;
}

}  // namespace klbench
