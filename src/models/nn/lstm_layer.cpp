#include "models/nn/lstm_layer.h"

#include <cmath>
#include <vector>

#include "models/nn/lstm_fused.h"
#include "models/precision.h"

namespace klbench::nn {

LstmLayerImpl::LstmLayerImpl(std::int64_t input, std::int64_t context, std::int64_t hidden)
    : input_(input), context_(context), hidden_(hidden) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  const auto uniform = [&](const char* name, torch::IntArrayRef shape) {
    return register_parameter(name, torch::empty(shape).uniform_(-bound, bound));
  };
  weight_ih = uniform("weight_ih", {4 * hidden, input + context});
  weight_hh = uniform("weight_hh", {4 * hidden, hidden});
  bias_ih = uniform("bias_ih", {4 * hidden});
  bias_hh = uniform("bias_hh", {4 * hidden});
}

LstmOutput LstmLayerImpl::forward(const torch::Tensor& x, const Packing& packing, const torch::Tensor& context,
                                  const torch::Tensor& h0, const torch::Tensor& c0) {
  if (runs_fused(x)) {
    const auto [outputs, h, c] = lstm_fused({x, packing.in_order(context), packing.in_order(h0), packing.in_order(c0),
                                             weight_ih, weight_hh, bias_ih, bias_hh},
                                            packing);
    return {outputs, packing.as_given(h), packing.as_given(c)};
  }
  // An LSTM looks back only: what it makes of padding is dropped.
  auto padded = forward_padded(packing.unpack(x, 0), context, h0, c0);
  padded.outputs = packing.pack(padded.outputs);
  if (packing.is_full()) return padded;
  return {padded.outputs, padded.outputs.index_select(0, packing.last()), {}};
}

LstmOutput LstmLayerImpl::forward(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& h0,
                                  const torch::Tensor& c0) {
  auto out = forward(x.flatten(0, 1), Packing(x.size(0), x.size(1), x.device()), context, h0, c0);
  out.outputs = out.outputs.view({x.size(0), x.size(1), hidden_});
  return out;
}

LstmOutput LstmLayerImpl::forward_padded(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& h0,
                                         const torch::Tensor& c0) {
  const auto steps = x.size(0), batch = x.size(1);
  const auto given_type = x.scalar_type(), type = plain_type(x);
  const auto state = [&](const torch::Tensor& given) {
    return given.defined() ? given.unsqueeze(0).to(type) : torch::zeros({1, batch, hidden_}, x.options().dtype(type));
  };
  const auto input = context_ > 0 ? torch::cat({x, context.expand({steps, batch, context_})}, 2) : x;
  const std::vector<torch::Tensor> initial{state(h0), state(c0)},
      weights{weight_ih.to(type), weight_hh.to(type), bias_ih.to(type), bias_hh.to(type)};
  // cuDNN goes back only through what it computed for training, which without dropout is the same.
  const auto [outputs, h, c] = torch::lstm(input.to(type), initial, weights, /*has_biases=*/true, /*num_layers=*/1,
                                           /*dropout=*/0, /*train=*/torch::GradMode::is_enabled(),
                                           /*bidirectional=*/false, /*batch_first=*/false);
  return {outputs.to(given_type), h.squeeze(0).to(given_type), c.squeeze(0).to(given_type)};
}

LstmOutput LstmLayerImpl::infer(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& h0,
                                const torch::Tensor& c0) {
  const torch::NoGradGuard no_grad;
  if (runs_fused(x)) return lstm_infer({x, context, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh});
  const auto rows = context.defined() ? context.size(0) : (h0.defined() ? h0.size(0) : x.size(1));
  return forward(x.repeat({1, rows / x.size(1), 1}), context, h0, c0);
}

}  // namespace klbench::nn
