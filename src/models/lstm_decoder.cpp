#include "models/lstm_decoder.h"

#include "data/dataset.h"

namespace klbench {

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
  if (!skip_) return outputs;
  return torch::cat({outputs, z.unsqueeze(0).expand({outputs.size(0), -1, -1})}, 2);
}

torch::Tensor LstmDecoderImpl::forward(const torch::Tensor& inputs, const torch::Tensor& targets,
                                       const torch::Tensor& z) {
  const auto words = dropout_in_->forward(embedding_->forward(inputs));
  torch::Tensor outputs;
  if (to_state_.is_empty()) {
    outputs = lstm_->forward(words).outputs;
  } else {
    const auto c0 = to_state_->forward(z);
    outputs = lstm_->forward(words, z, torch::tanh(c0), c0).outputs;
  }
  return output_->forward(with_skip(dropout_out_->forward(outputs), z), targets).sum(0);
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
  return output_->token_nll(with_skip(outputs, rows), targets).sum(0).view({z.size(0), z.size(1)});
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
    auto logits = output_->logits(with_skip(step.outputs, z)).squeeze(0);
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
