#pragma once

#include <torch/torch.h>

#include "models/nn/packing.h"

namespace klbench::nn {

struct LstmOutput {
  torch::Tensor outputs;  ///< [T, B, h], or [N, h] packed
  torch::Tensor h, c;     ///< [B, h], after the last step of each sequence (c: of packed ones on the CPU alone)
};

/// One LSTM layer (Hochreiter & Schmidhuber 1997), gates in torch's order i, f, g, o:
///   a_t = W_ih [x_t, context] + b_ih + W_hh h_{t-1} + b_hh;  c_t = s(f) c_{t-1} + s(i) tanh(g);  h_t = s(o) tanh(c_t)
/// with the parameter names and shapes of torch::nn::LSTM (weight_ih [4h, input + context], weight_hh [4h, h], bias_ih,
/// bias_hh [4h]), so that weights go back and forth. `context` [B, context] is the same at every step (z in a decoder):
/// its product is made once.
class LstmLayerImpl : public torch::nn::Module {
 public:
  LstmLayerImpl(std::int64_t input, std::int64_t context, std::int64_t hidden);

  /// x [N, input] packed; context [B, context] or undefined where context = 0; h0, c0 [B, h] or undefined (zeros).
  LstmOutput forward(const torch::Tensor& x, const Packing& packing, const torch::Tensor& context = {},
                     const torch::Tensor& h0 = {}, const torch::Tensor& c0 = {});
  /// The same for sequences of one length, x [T, B, input].
  LstmOutput forward(const torch::Tensor& x, const torch::Tensor& context = {}, const torch::Tensor& h0 = {},
                     const torch::Tensor& c0 = {});

  /// Without gradient, for S samples that share the words: x [T, B, input]; context, h0, c0 [S B, ..] (or undefined),
  /// row s B + b for sample s of sentence b -> outputs [T, S B, h], h, c [S B, h]. The words' products are made once.
  LstmOutput infer(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& h0,
                   const torch::Tensor& c0);

  torch::Tensor weight_ih, weight_hh, bias_ih, bias_hh;

 private:
  /// torch's LSTM, x [T, B, input].
  LstmOutput forward_padded(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& h0,
                            const torch::Tensor& c0);

  std::int64_t input_, context_, hidden_;
};
TORCH_MODULE(LstmLayer);

}  // namespace klbench::nn
