#include "models/nn/cross_entropy_fused.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "models/nn/gemm.h"
#include "models/nn/kernels.h"

namespace klbench::nn {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kChunkBytes =
    32 << 20;                          ///< logits kept at a time: each chunk reads and writes the whole weight gradient
constexpr std::int64_t kRowStep = 16;  ///< rows are padded to multiples, so that oneDNN compiles few shapes

/// The rows of h [R, input] that have a target, gathered in the precision of the products and cut into chunks of equal
/// size; the rest of the last chunk is zero.
struct Rows {
  std::vector<std::int64_t> position, target;
  std::int64_t chunk = kRowStep;
  Tensor h;

  Rows(const Tensor& all, const Tensor& targets, std::int64_t vocabulary) {
    const auto samples = all.size(1) / targets.size(1), batch = targets.size(1);
    const auto words = targets.contiguous();
    const auto* word = words.data_ptr<std::int64_t>();
    for (std::int64_t t = 0; t < targets.size(0); ++t)
      for (std::int64_t column = 0; column < samples * batch; ++column)
        if (const auto w = word[t * batch + column % batch]; w != 0) {
          TORCH_CHECK_INDEX(w > 0 && w < vocabulary, "target ", w, " is outside the vocabulary of ", vocabulary);
          position.push_back(t * samples * batch + column);
          target.push_back(w);
        }
    const auto most = std::max(kRowStep, kChunkBytes / (4 * vocabulary) / kRowStep * kRowStep);
    const auto chunks = std::max<std::int64_t>(1, (count() + most - 1) / most);
    const auto each = (count() + chunks - 1) / chunks;
    chunk = std::max(kRowStep, (each + kRowStep - 1) / kRowStep * kRowStep);
    gather(all.contiguous(), (count() + chunk - 1) / chunk * chunk);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(position.size()); }

 private:
  void gather(const Tensor& all, std::int64_t padded) {
    const auto input = all.size(2);
    const bool rounded = precision() == Precision::bf16;
    h = torch::zeros({padded, input}, all.options().dtype(rounded ? torch::kBFloat16 : torch::kFloat));
    const auto* from = all.data_ptr<float>();
    for (std::size_t r = 0; r < position.size(); ++r) {
      const auto* row = from + position[r] * input;
      const auto offset = static_cast<std::int64_t>(r) * input;
      if (rounded)
        round_to_bf16(row, reinterpret_cast<std::uint16_t*>(h.data_ptr<at::BFloat16>()) + offset, input);
      else
        std::memcpy(h.data_ptr<float>() + offset, row, static_cast<std::size_t>(input) * sizeof(float));
    }
  }
};

struct Gradients {
  Tensor h;       ///< [padded rows, input] f32
  Tensor weight;  ///< [V, input] f32
};

/// One pass over the rows: writes -log p to `loss` (where not null) at each row's position, and the gradients that are
/// defined in `d`. `upstream`: each row's factor, or null for 1.
void pass(const Rows& rows, const Tensor& weight, float* loss, const Gradients& d, const float* upstream) {
  const auto vocabulary = weight.size(0);
  const bool rounded = rows.h.scalar_type() == torch::kBFloat16;
  const bool gradient = d.h.defined() || d.weight.defined();
  const auto logits = torch::empty({rows.chunk, vocabulary}, weight.options());
  const auto small = rounded && gradient ? torch::empty(logits.sizes(), rows.h.options()) : Tensor();
  auto* small_data = small.defined() ? reinterpret_cast<std::uint16_t*>(small.data_ptr<at::BFloat16>()) : nullptr;
  auto* data = logits.data_ptr<float>();
  const auto w_tensor = in_precision(weight, rounded ? Precision::bf16 : Precision::f32);
  const Matrix w(w_tensor), h(rows.h), d_logits(small.defined() ? small : logits);
  for (std::int64_t first = 0; first < rows.count(); first += rows.chunk) {
    const auto real = std::min(rows.chunk, rows.count() - first);
    multiply(h.slice(first, rows.chunk), w.t(), Matrix(logits));
    for (std::int64_t r = 0; r < real; ++r) {
      auto* row = data + r * vocabulary;
      const auto index = static_cast<std::size_t>(first + r);
      const auto target = rows.target[index];
      const float own = row[target];
      const float factor = upstream ? upstream[index] : 1.0F;
      const float total = gradient ? softmax_gradient(row, vocabulary, target, factor,
                                                      small_data ? small_data + r * vocabulary : nullptr)
                                   : log_sum_exp(row, vocabulary);
      if (loss) loss[rows.position[index]] = total - own;
    }
    if (!gradient) continue;
    if (real < rows.chunk) (small.defined() ? small : logits).slice(0, real).zero_();
    if (d.h.defined()) multiply(d_logits, w, Matrix(d.h).slice(first, rows.chunk));
    if (d.weight.defined()) multiply(d_logits.t(), h.slice(first, rows.chunk), Matrix(d.weight), first > 0);
  }
}

/// What a forward pass leaves for the backward pass.
struct LossTape : torch::CustomClassHolder {
  Rows rows;
  Gradients unit;  ///< for upstream gradients of 1; `weight` is handed out once
  explicit LossTape(Rows given) : rows(std::move(given)) {}
};

class CrossEntropyFunction : public torch::autograd::Function<CrossEntropyFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& h, const Tensor& weight, const Tensor& targets) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const auto tape = c10::make_intrusive<LossTape>(Rows(h, targets, weight.size(0)));
    const auto loss = torch::zeros(targets.sizes(), h.options());
    if (h.requires_grad()) tape->unit.h = torch::empty(tape->rows.h.sizes(), h.options());
    if (weight.requires_grad())
      tape->unit.weight = tape->rows.count() > 0 ? torch::empty_like(weight) : torch::zeros_like(weight);
    pass(tape->rows, weight, loss.data_ptr<float>(), tape->unit, nullptr);
    ctx->save_for_backward({weight});
    ctx->saved_data["tape"] = c10::IValue::make_capsule(tape);
    ctx->saved_data["weight"] = weight.requires_grad();
    return loss;
  }

  static variable_list backward(AutogradContext* ctx, variable_list d_results) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    const auto capsule = ctx->saved_data["tape"].toCapsule();
    auto& tape = static_cast<LossTape&>(*capsule);
    const auto d_loss = d_results[0].contiguous();
    std::vector<float> factors;
    for (const auto position : tape.rows.position) factors.push_back(d_loss.data_ptr<float>()[position]);
    variable_list result(3);
    if (tape.unit.h.defined()) result[0] = scatter(tape, d_loss, factors);
    if (ctx->saved_data["weight"].toBool()) result[1] = d_weight(tape, ctx->get_saved_variables()[0], factors);
    return result;
  }

 private:
  /// The gathered rows' gradients times their factors, at their places among zeros.
  static Tensor scatter(const LossTape& tape, const Tensor& d_loss, const std::vector<float>& factors) {
    const auto input = tape.unit.h.size(1);
    auto d_h = torch::zeros({d_loss.size(0), d_loss.size(1), input}, d_loss.options());
    const auto* from = tape.unit.h.data_ptr<float>();
    auto* to = d_h.data_ptr<float>();
    for (std::size_t r = 0; r < factors.size(); ++r)
      scale(from + static_cast<std::int64_t>(r) * input, factors[r], to + tape.rows.position[r] * input, input);
    return d_h;
  }

  static Tensor d_weight(LossTape& tape, const Tensor& weight, const std::vector<float>& factors) {
    const bool uniform = std::adjacent_find(factors.begin(), factors.end(), std::not_equal_to<>()) == factors.end();
    if (uniform && tape.unit.weight.defined()) {
      auto d = std::move(tape.unit.weight);
      return factors.empty() || factors[0] == 1.0F ? d : d.mul_(factors[0]);
    }
    Gradients d;
    d.weight = tape.rows.count() > 0 ? torch::empty_like(weight) : torch::zeros_like(weight);
    pass(tape.rows, weight, nullptr, d, factors.data());
    return d.weight;
  }
};

}  // namespace

Tensor cross_entropy_fused(const Tensor& h, const Tensor& weight, const Tensor& targets) {
  if (!torch::GradMode::is_enabled() || !(h.requires_grad() || weight.requires_grad()))
    return cross_entropy_infer(h, weight, targets);
  return CrossEntropyFunction::apply(h, weight, targets);
}

Tensor cross_entropy_infer(const Tensor& h, const Tensor& weight, const Tensor& targets) {
  const torch::NoGradGuard no_grad;
  const Rows rows(h, targets, weight.size(0));
  const auto loss = torch::zeros({h.size(0), h.size(1)}, h.options());
  pass(rows, weight, loss.data_ptr<float>(), {}, nullptr);
  return loss;
}

}  // namespace klbench::nn
