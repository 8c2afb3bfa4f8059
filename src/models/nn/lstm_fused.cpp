#include "models/nn/lstm_fused.h"

#include <algorithm>

#include "models/nn/gemm.h"
#include "models/nn/kernels.h"

namespace klbench::nn {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

float* floats(const Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; }

std::uint16_t* halves(const Tensor& t) {
  return t.defined() ? reinterpret_cast<std::uint16_t*>(t.data_ptr<at::BFloat16>()) : nullptr;
}

/// Autograd functions take no undefined tensors: an empty one stands for each.
Tensor or_empty(const Tensor& t) { return t.defined() ? t : torch::empty({0}); }
Tensor or_undefined(const Tensor& t) { return t.numel() > 0 ? t.contiguous() : Tensor(); }

/// Position `index` of a buffer of equal blocks; null where there is no buffer.
template <class T>
T* block(T* data, std::int64_t index, std::int64_t size) {
  return data ? data + index * size : nullptr;
}

Tensor contiguous(const Tensor& t) { return t.defined() ? t.contiguous() : t; }

/// Sizes of a run: T steps of B sequences of words, `rows` = S B sequences of states.
struct Sizes {
  std::int64_t steps, batch, rows, input, context, hidden;
  explicit Sizes(const LstmInputs& in)
      : steps(in.x.size(0)),
        batch(in.x.size(1)),
        rows(in.context.defined() ? in.context.size(0) : (in.h0.defined() ? in.h0.size(0) : batch)),
        input(in.x.size(2)),
        context(in.context.defined() ? in.context.size(1) : 0),
        hidden(in.weight_hh.size(1)) {}
};

/// What does not depend on the step and is added to every pre-activation: biases, and the product of the context;
/// [1 or rows, 4h].
Tensor shared_part(const LstmInputs& in, const Sizes& n) {
  const auto bias = (in.bias_ih + in.bias_hh).unsqueeze(0);
  if (n.context == 0) return bias;
  const auto weight = in.weight_ih.slice(1, n.input);
  auto part = bias.repeat({n.rows, 1});
  multiply(Matrix(in.context), Matrix(weight).t(), Matrix(part), /*accumulate=*/true);
  return part;
}

/// Words times weights for all steps, [T B, 4h]; x is [T B, input] in the precision of the products.
Tensor word_part(const LstmInputs& in, const Tensor& x, const Sizes& n) {
  const auto part = torch::empty({n.steps * n.batch, 4 * n.hidden}, in.x.options());
  const auto weight = in_precision(in.weight_ih.slice(1, 0, n.input), precision());
  multiply(Matrix(x), Matrix(weight).t(), Matrix(part));
  return part;
}

/// States of a forward pass, kept for the backward pass: block 0 is the initial state, block t + 1 the one after step
/// t.
struct Tape {
  Tensor x;        ///< [T B, input] in the precision of the products
  Tensor gates;    ///< [T B, 4h] activated
  Tensor cells;    ///< [T + 1, B, h]
  Tensor states;   ///< [T + 1, B, h]
  Tensor rounded;  ///< states as bf16, or undefined
};

Tensor initial_block(const Tensor& given, std::int64_t blocks, const Sizes& n, const Tensor& like) {
  const auto states = torch::empty({blocks, n.rows, n.hidden}, like.options());
  if (given.defined())
    states[0].copy_(given);
  else
    states[0].zero_();
  return states;
}

Tape forward_pass(const LstmInputs& in, const Sizes& n) {
  const auto type = precision();
  Tape tape;
  tape.x = in_precision(in.x.reshape({n.steps * n.batch, n.input}).contiguous(), type);
  tape.gates = word_part(in, tape.x, n);
  tape.cells = initial_block(in.c0, n.steps + 1, n, in.x);
  tape.states = initial_block(in.h0, n.steps + 1, n, in.x);
  if (type == Precision::bf16) {
    tape.rounded = torch::empty(tape.states.sizes(), in.x.options().dtype(torch::kBFloat16));
    round_to_bf16(floats(tape.states), halves(tape.rounded), n.rows * n.hidden);
  }
  const auto shared = shared_part(in, n);
  const auto recurrent = torch::empty({n.rows, 4 * n.hidden}, in.x.options());
  const PackedProduct product(n.rows, Matrix(in.weight_hh).t(), type);
  const auto size = n.rows * n.hidden;
  const Matrix states(type == Precision::bf16 ? tape.rounded.flatten(0, 1) : tape.states.flatten(0, 1));
  for (std::int64_t t = 0; t < n.steps; ++t) {
    const bool from_zero = t == 0 && !in.h0.defined();
    if (!from_zero) product.run(states.slice(t * n.rows, n.rows), Matrix(recurrent));
    float* gates = block(floats(tape.gates), t, 4 * size);
    lstm_cell_forward({n.rows, n.hidden, gates, from_zero ? nullptr : floats(recurrent), floats(shared),
                       n.context > 0 ? 4 * n.hidden : 0, block(floats(tape.cells), t, size), gates,
                       block(floats(tape.cells), t + 1, size), block(floats(tape.states), t + 1, size),
                       block(halves(tape.rounded), t + 1, size)});
  }
  return tape;
}

/// Gradients with respect to the pre-activations and the initial state.
struct GateGradients {
  Tensor gates;   ///< [T B, 4h] in the precision of the products
  Tensor summed;  ///< [B, 4h] f32, over the steps
  Tensor h0, c0;  ///< [B, h]
};

GateGradients backward_pass(const Tape& tape, const Tensor& weight_hh, const Tensor& d_outputs, const Tensor& d_h,
                            const Tensor& d_c, bool want_h0) {
  const auto steps = tape.states.size(0) - 1, rows = tape.states.size(1), hidden = tape.states.size(2);
  const auto size = rows * hidden;
  const auto options = tape.states.options();
  const auto type = tape.rounded.defined() ? Precision::bf16 : Precision::f32;
  GateGradients d;
  d.gates = torch::empty({steps * rows, 4 * hidden},
                         options.dtype(type == Precision::bf16 ? torch::kBFloat16 : torch::kFloat));
  d.summed = torch::zeros({rows, 4 * hidden}, options);
  d.c0 = d_c.defined() ? d_c.clone() : torch::zeros({rows, hidden}, options);
  d.h0 = d_h.defined() ? d_h.clone() : torch::zeros({rows, hidden}, options);
  const PackedProduct product(rows, Matrix(weight_hh), type);
  const Matrix gradients(d.gates);
  for (auto t = steps - 1; t >= 0; --t) {
    const bool f32 = type == Precision::f32;
    lstm_cell_backward({rows, hidden, block(floats(tape.gates), t, 4 * size), block(floats(tape.cells), t, size),
                        block(floats(tape.cells), t + 1, size), block(floats(d_outputs), t, size), floats(d.h0),
                        floats(d.c0), f32 ? block(floats(d.gates), t, 4 * size) : nullptr,
                        f32 ? nullptr : block(halves(d.gates), t, 4 * size), floats(d.summed)});
    if (t > 0 || want_h0) product.run(gradients.slice(t * rows, rows), Matrix(d.h0.view({rows, hidden})));
  }
  return d;
}

/// f32 product as a new tensor.
Tensor product_of(const Matrix& a, const Matrix& b) {
  const auto c = torch::empty({a.rows, b.columns}, torch::kFloat);
  multiply(a, b, Matrix(c));
  return c;
}

enum Argument { kX, kContext, kH0, kC0, kWeightIh, kWeightHh, kBiasIh, kBiasHh, kArguments };

class LstmFunction : public torch::autograd::Function<LstmFunction> {
 public:
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& context, const Tensor& h0,
                               const Tensor& c0, const Tensor& weight_ih, const Tensor& weight_hh,
                               const Tensor& bias_ih, const Tensor& bias_hh) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const LstmInputs in{
        x.contiguous(), or_undefined(context), or_undefined(h0), or_undefined(c0), weight_ih, weight_hh, bias_ih,
        bias_hh};
    const Sizes n(in);
    const auto tape = forward_pass(in, n);
    ctx->save_for_backward(
        {in.context, weight_ih, weight_hh, tape.x, tape.gates, tape.cells, tape.states, tape.rounded});
    c10::List<bool> wanted;
    for (const auto& input : {x, context, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh})
      wanted.push_back(input.requires_grad());
    ctx->saved_data["wanted"] = wanted;
    return {tape.states.slice(0, 1), tape.states[n.steps].clone(), tape.cells[n.steps].clone()};
  }

  static variable_list backward(AutogradContext* ctx, variable_list d_results) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const auto saved = ctx->get_saved_variables();
    const auto &context = saved[0], &weight_ih = saved[1], &weight_hh = saved[2];
    const Tape tape{saved[3], saved[4], saved[5], saved[6], saved[7]};
    const auto wanted = ctx->saved_data["wanted"].toBoolList();
    const auto d = backward_pass(tape, weight_hh, contiguous(d_results[0]), contiguous(d_results[1]),
                                 contiguous(d_results[2]), wanted[kH0]);
    const auto input = tape.x.size(1), rows = tape.states.size(1), steps = tape.states.size(0) - 1;
    const auto type = tape.rounded.defined() ? Precision::bf16 : Precision::f32;
    const Matrix gates(d.gates), summed(d.summed);

    variable_list result(kArguments);
    if (wanted[kX]) {
      const auto weight = in_precision(weight_ih.slice(1, 0, input), type);
      result[kX] = product_of(gates, Matrix(weight)).view({steps, rows, input});
    }
    if (wanted[kContext]) result[kContext] = product_of(summed, Matrix(weight_ih.slice(1, input)));
    if (wanted[kH0]) result[kH0] = d.h0;
    if (wanted[kC0]) result[kC0] = d.c0;
    if (wanted[kWeightIh]) {
      result[kWeightIh] = torch::empty_like(weight_ih);
      multiply(gates.t(), Matrix(tape.x), Matrix(result[kWeightIh].slice(1, 0, input)));
      if (context.defined()) multiply(summed.t(), Matrix(context), Matrix(result[kWeightIh].slice(1, input)));
    }
    if (wanted[kWeightHh]) {
      const auto states = (type == Precision::bf16 ? tape.rounded : tape.states).flatten(0, 1);
      result[kWeightHh] = product_of(gates.t(), Matrix(states).slice(0, steps * rows));
    }
    if (wanted[kBiasIh]) result[kBiasIh] = d.summed.sum(0);
    if (wanted[kBiasHh]) result[kBiasHh] = result[kBiasIh].defined() ? result[kBiasIh].clone() : d.summed.sum(0);
    return result;
  }
};

}  // namespace

LstmOutput lstm_fused(const LstmInputs& in) {
  const auto results = LstmFunction::apply(in.x, or_empty(in.context), or_empty(in.h0), or_empty(in.c0), in.weight_ih,
                                           in.weight_hh, in.bias_ih, in.bias_hh);
  return {results[0], results[1], results[2]};
}

LstmOutput lstm_infer(const LstmInputs& given) {
  const torch::NoGradGuard no_grad;
  auto in = given;
  in.context = contiguous(in.context);
  const Sizes n(in);
  const auto type = precision();
  const auto words = word_part(in, in_precision(in.x.reshape({n.steps * n.batch, n.input}).contiguous(), type), n);
  const auto shared = shared_part(in, n);
  const auto outputs = torch::empty({n.steps, n.rows, n.hidden}, in.x.options());
  const auto recurrent = torch::empty({n.rows, 4 * n.hidden}, in.x.options());
  auto h = in.h0.defined() ? in.h0.contiguous() : Tensor();
  const auto c =
      in.c0.defined() ? in.c0.clone(torch::MemoryFormat::Contiguous) : torch::zeros({n.rows, n.hidden}, in.x.options());
  auto rounded =
      type == Precision::bf16 ? torch::empty({n.rows, n.hidden}, in.x.options().dtype(torch::kBFloat16)) : Tensor();
  if (rounded.defined() && h.defined()) round_to_bf16(floats(h), halves(rounded), h.numel());
  const PackedProduct product(n.rows, Matrix(in.weight_hh).t(), type);
  const auto size = n.batch * n.hidden;
  const std::int64_t shared_stride = n.context > 0 ? 4 * n.hidden : 0;
  for (std::int64_t t = 0; t < n.steps; ++t) {
    const bool from_zero = !h.defined();
    if (!from_zero) product.run(Matrix(rounded.defined() ? rounded : h), Matrix(recurrent));
    h = outputs[t];
    for (std::int64_t s = 0; s < n.rows / n.batch; ++s) {
      float* cells = block(floats(c), s, size);
      lstm_cell_forward({n.batch, n.hidden, block(floats(words), t, 4 * size),
                         from_zero ? nullptr : block(floats(recurrent), s, 4 * size),
                         block(floats(shared), s, n.batch * shared_stride), shared_stride, cells, nullptr, cells,
                         block(floats(h), s, size), block(halves(rounded), s, size)});
    }
  }
  return {outputs, outputs[n.steps - 1], c};
}

}  // namespace klbench::nn
