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

/// Where row `row` of a matrix begins; null where there is no matrix.
float* row_of(const Tensor& matrix, std::int64_t row) {
  return matrix.defined() ? matrix.data_ptr<float>() + row * matrix.size(1) : nullptr;
}
std::uint16_t* half_row_of(const Tensor& matrix, std::int64_t row) {
  return matrix.defined() ? halves(matrix) + row * matrix.size(1) : nullptr;
}

/// Position `index` of a buffer of equal blocks; null where there is no buffer.
template <class T>
T* block(T* data, std::int64_t index, std::int64_t size) {
  return data ? data + index * size : nullptr;
}

Tensor contiguous(const Tensor& t) { return t.defined() ? t.contiguous() : t; }

/// Sizes of a run: steps over `rows` sequences of states; `words` entries of input.
struct Sizes {
  std::int64_t words, rows, input, context, hidden;
  Sizes(const LstmInputs& in, std::int64_t sequences)
      : words(in.x.numel() / in.x.size(-1)),
        rows(sequences),
        input(in.x.size(-1)),
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

/// Words times weights for all steps, [words, 4h]; x is [words, input] in the precision of the products.
Tensor word_part(const LstmInputs& in, const Tensor& x, const Sizes& n) {
  const auto part = torch::empty({n.words, 4 * n.hidden}, in.x.options());
  const auto weight = in_precision(in.weight_ih.slice(1, 0, n.input), precision());
  multiply(Matrix(x), Matrix(weight).t(), Matrix(part));
  return part;
}

/// A forward pass, kept for the backward pass. Step t takes up active[t] rows. States and cells begin with the initial
/// ones of all B sequences; those that step t starts from are the first active[t] rows from before[t] on, those it
/// leaves begin at B + words[t].
struct Tape : torch::CustomClassHolder {
  std::vector<std::int64_t> active, words, before;
  Tensor x;        ///< [N, input] in the precision of the products
  Tensor gates;    ///< [N, 4h] activated
  Tensor cells;    ///< [B + N, h]
  Tensor states;   ///< [B + N, h]
  Tensor rounded;  ///< states as bf16, or undefined

  explicit Tape(const Packing& packing) : active(packing.active()) {
    const auto sequences = packing.sequences();
    std::int64_t word = 0, from = 0;
    for (const auto rows : active) {
      words.push_back(word);
      before.push_back(from);
      from = sequences + word;
      word += rows;
    }
  }
  std::int64_t sequences() const { return active[0]; }
  const Tensor& products_states() const { return rounded.defined() ? rounded : states; }
};

Tensor initial_rows(const Tensor& given, const Sizes& n, const Tensor& like) {
  const auto states = torch::empty({n.rows + n.words, n.hidden}, like.options());
  auto first = states.slice(0, 0, n.rows);
  if (given.defined())
    first.copy_(given);
  else
    first.zero_();
  return states;
}

c10::intrusive_ptr<Tape> forward_pass(const LstmInputs& in, const Packing& packing, const Sizes& n) {
  const auto type = precision();
  auto tape = c10::make_intrusive<Tape>(packing);
  tape->x = in_precision(in.x, type);
  tape->gates = word_part(in, tape->x, n);
  tape->cells = initial_rows(in.c0, n, in.x);
  tape->states = initial_rows(in.h0, n, in.x);
  if (type == Precision::bf16) {
    tape->rounded = torch::empty(tape->states.sizes(), in.x.options().dtype(torch::kBFloat16));
    round_to_bf16(floats(tape->states), halves(tape->rounded), n.rows * n.hidden);
  }
  const auto shared = shared_part(in, n);
  const auto recurrent = torch::empty({n.rows, 4 * n.hidden}, in.x.options());
  const PackedProduct product(n.rows, Matrix(in.weight_hh).t(), type);
  const Matrix states(tape->products_states());
  for (std::size_t t = 0; t < tape->active.size(); ++t) {
    const auto rows = tape->active[t], before = tape->before[t], word = tape->words[t], after = n.rows + word;
    const bool from_zero = t == 0 && !in.h0.defined();
    if (!from_zero) product.run(states.slice(before, rows), Matrix(recurrent).slice(0, rows));
    float* gates = row_of(tape->gates, word);
    lstm_cell_forward({rows, n.hidden, gates, from_zero ? nullptr : floats(recurrent), floats(shared),
                       n.context > 0 ? 4 * n.hidden : 0, row_of(tape->cells, before), gates, row_of(tape->cells, after),
                       row_of(tape->states, after), half_row_of(tape->rounded, after)});
  }
  return tape;
}

/// Gradients with respect to the pre-activations and the initial state.
struct GateGradients {
  Tensor gates;   ///< [N, 4h] in the precision of the products
  Tensor summed;  ///< [B, 4h] f32, over the steps
  Tensor h0, c0;  ///< [B, h]
};

GateGradients backward_pass(const Tape& tape, const Tensor& weight_hh, const Tensor& d_outputs, const Tensor& d_h,
                            const Tensor& d_c, bool want_h0) {
  const auto sequences = tape.sequences(), hidden = tape.states.size(1);
  const auto options = tape.states.options();
  const auto type = tape.rounded.defined() ? Precision::bf16 : Precision::f32;
  GateGradients d;
  d.gates = torch::empty(tape.gates.sizes(), options.dtype(type == Precision::bf16 ? torch::kBFloat16 : torch::kFloat));
  d.summed = torch::zeros({sequences, 4 * hidden}, options);
  // What a sequence's last state is given waits in its row until the step where it ends.
  d.c0 = d_c.defined() ? d_c.clone() : torch::zeros({sequences, hidden}, options);
  d.h0 = d_h.defined() ? d_h.clone() : torch::zeros({sequences, hidden}, options);
  const PackedProduct product(sequences, Matrix(weight_hh), type);
  const Matrix gradients(d.gates), d_states(d.h0);
  for (std::size_t t = tape.active.size(); t-- > 0;) {
    const auto rows = tape.active[t], before = tape.before[t], word = tape.words[t];
    const bool f32 = type == Precision::f32;
    lstm_cell_backward({rows, hidden, row_of(tape.gates, word), row_of(tape.cells, before),
                        row_of(tape.cells, sequences + word), row_of(d_outputs, word), floats(d.h0), floats(d.c0),
                        f32 ? row_of(d.gates, word) : nullptr, f32 ? nullptr : half_row_of(d.gates, word),
                        floats(d.summed)});
    if (t > 0 || want_h0) product.run(gradients.slice(word, rows), d_states.slice(0, rows));
  }
  return d;
}

/// The states that each entry started from, [N, h] in the precision of the products.
Tensor states_before(const Tape& tape) {
  const auto& states = tape.products_states();
  const auto last = tape.active.size() - 1;
  if (tape.active[last] == tape.active[0]) return states.slice(0, 0, tape.gates.size(0));
  std::vector<Tensor> parts;
  for (std::size_t t = 0; t <= last; ++t)
    parts.push_back(states.slice(0, tape.before[t], tape.before[t] + tape.active[t]));
  return torch::cat(parts);
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
                               const Tensor& bias_ih, const Tensor& bias_hh, const Packing& packing) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const LstmInputs in{
        x.contiguous(), or_undefined(context), or_undefined(h0), or_undefined(c0), weight_ih, weight_hh, bias_ih,
        bias_hh};
    const auto sequences = packing.sequences();
    const auto tape = forward_pass(in, packing, Sizes(in, sequences));
    ctx->save_for_backward({in.context, weight_ih, weight_hh});
    ctx->saved_data["tape"] = c10::IValue::make_capsule(tape);
    c10::List<bool> wanted;
    for (const auto& input : {x, context, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh})
      wanted.push_back(input.requires_grad());
    ctx->saved_data["wanted"] = wanted;
    const auto last = packing.in_order(packing.last()) + sequences;
    return {tape->states.slice(0, sequences), tape->states.index_select(0, last), tape->cells.index_select(0, last)};
  }

  static variable_list backward(AutogradContext* ctx, variable_list d_results) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const auto saved = ctx->get_saved_variables();
    const auto &context = saved[0], &weight_ih = saved[1], &weight_hh = saved[2];
    const auto capsule = ctx->saved_data["tape"].toCapsule();
    const auto& tape = static_cast<const Tape&>(*capsule);
    const auto wanted = ctx->saved_data["wanted"].toBoolList();
    const auto d = backward_pass(tape, weight_hh, contiguous(d_results[0]), contiguous(d_results[1]),
                                 contiguous(d_results[2]), wanted[kH0]);
    const auto input = tape.x.size(1);
    const auto type = tape.rounded.defined() ? Precision::bf16 : Precision::f32;
    const Matrix gates(d.gates), summed(d.summed);

    variable_list result(kArguments + 1);  // the packing has no gradient
    if (wanted[kX]) {
      const auto weight = in_precision(weight_ih.slice(1, 0, input), type);
      result[kX] = product_of(gates, Matrix(weight));
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
      const auto states = states_before(tape);
      result[kWeightHh] = product_of(gates.t(), Matrix(states));
    }
    if (wanted[kBiasIh]) result[kBiasIh] = d.summed.sum(0);
    if (wanted[kBiasHh]) result[kBiasHh] = result[kBiasIh].defined() ? result[kBiasIh].clone() : d.summed.sum(0);
    return result;
  }
};

}  // namespace

LstmOutput lstm_fused(const LstmInputs& in, const Packing& packing) {
  const auto results = LstmFunction::apply(in.x, or_empty(in.context), or_empty(in.h0), or_empty(in.c0), in.weight_ih,
                                           in.weight_hh, in.bias_ih, in.bias_hh, packing);
  return {results[0], results[1], results[2]};
}

LstmOutput lstm_infer(const LstmInputs& given) {
  const torch::NoGradGuard no_grad;
  auto in = given;
  in.context = contiguous(in.context);
  const auto steps = in.x.size(0), batch = in.x.size(1);
  const Sizes n(in, in.context.defined() ? in.context.size(0) : (in.h0.defined() ? in.h0.size(0) : batch));
  const auto type = precision();
  const auto words = word_part(in, in_precision(in.x.reshape({n.words, n.input}).contiguous(), type), n);
  const auto shared = shared_part(in, n);
  const auto outputs = torch::empty({steps, n.rows, n.hidden}, in.x.options());
  const auto recurrent = torch::empty({n.rows, 4 * n.hidden}, in.x.options());
  auto h = in.h0.defined() ? in.h0.contiguous() : Tensor();
  const auto c =
      in.c0.defined() ? in.c0.clone(torch::MemoryFormat::Contiguous) : torch::zeros({n.rows, n.hidden}, in.x.options());
  auto rounded =
      type == Precision::bf16 ? torch::empty({n.rows, n.hidden}, in.x.options().dtype(torch::kBFloat16)) : Tensor();
  if (rounded.defined() && h.defined()) round_to_bf16(floats(h), halves(rounded), h.numel());
  const PackedProduct product(n.rows, Matrix(in.weight_hh).t(), type);
  const auto size = batch * n.hidden;
  const std::int64_t shared_stride = n.context > 0 ? 4 * n.hidden : 0;
  for (std::int64_t t = 0; t < steps; ++t) {
    const bool from_zero = !h.defined();
    if (!from_zero) product.run(Matrix(rounded.defined() ? rounded : h), Matrix(recurrent));
    h = outputs[t];
    for (std::int64_t s = 0; s < n.rows / batch; ++s) {
      float* cells = block(floats(c), s, size);
      lstm_cell_forward({batch, n.hidden, block(floats(words), t, 4 * size),
                         from_zero ? nullptr : block(floats(recurrent), s, 4 * size),
                         block(floats(shared), s, batch * shared_stride), shared_stride, cells, nullptr, cells,
                         block(floats(h), s, size), block(halves(rounded), s, size)});
    }
  }
  return {outputs, outputs[steps - 1], c};
}

}  // namespace klbench::nn
