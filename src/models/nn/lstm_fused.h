#pragma once

#include "models/nn/lstm_layer.h"

namespace klbench::nn {

/// What an LSTM layer computes from, f32 on the CPU; shapes as in LstmLayerImpl. context, h0, c0 may be undefined.
struct LstmInputs {
  torch::Tensor x, context, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh;
};

/// LstmLayer's outputs with gradients for packed x [N, input]: one product of all words with the weights, the context's
/// product made once, one recurrent product a step over the sequences that go on, one product a weight gradient at the
/// end; in nn::precision().
LstmOutput lstm_fused(const LstmInputs& inputs, const Packing& packing);

/// The same without gradient for S samples that share the words: x [T, B, input]; context, h0, c0 [S B, ..], sample by
/// sample; outputs [T, S B, h]. The words' product is made once for all samples.
LstmOutput lstm_infer(const LstmInputs& inputs);

}  // namespace klbench::nn
