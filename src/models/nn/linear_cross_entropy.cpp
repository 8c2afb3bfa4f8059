#include "models/nn/linear_cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/nn/cross_entropy_fused.h"
#include "models/precision.h"

namespace klbench::nn {

namespace F = torch::nn::functional;

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// softmax(W h) - [target] of rows, in the place of their logits; `sums`: logsumexp of each.
Tensor logits_gradient(Tensor logits, const Tensor& sums, const Tensor& targets) {
  logits.sub_(sums.unsqueeze(1)).exp_();
  const auto target = targets.unsqueeze(1);
  return logits.scatter_(1, target, logits.gather(1, target) - 1);
}

class ChunkedFunction : public torch::autograd::Function<ChunkedFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& h, const Tensor& weight, const Tensor& targets,
                        std::int64_t chunk, bool gradients) {
    std::vector<Tensor> sums, losses;
    Tensor d_last;
    for (std::int64_t first = 0; first < h.size(0); first += chunk) {
      const auto last = std::min(first + chunk, h.size(0));
      const auto logits = plain_product(h.slice(0, first, last), weight.t());
      const auto target = targets.slice(0, first, last);
      sums.push_back(logits.logsumexp(1));
      losses.push_back(sums.back() - logits.gather(1, target.unsqueeze(1)).squeeze(1));
      if (gradients && last == h.size(0)) d_last = logits_gradient(logits, sums.back(), target);
    }
    ctx->save_for_backward({h, weight, targets, torch::cat(sums), d_last});
    ctx->saved_data["chunk"] = chunk;
    ctx->saved_data["h"] = h.requires_grad();
    ctx->saved_data["weight"] = weight.requires_grad();
    return torch::cat(losses).masked_fill(targets == 0, 0);
  }

  /// d loss / d logits is logits_gradient times the row's own gradient, which is given to the small factors.
  static variable_list backward(AutogradContext* ctx, const variable_list& d_results) {
    const auto saved = ctx->get_saved_variables();
    const auto &h = saved[0], &weight = saved[1], &targets = saved[2], &sums = saved[3], &d_last = saved[4];
    const auto factors = d_results[0].masked_fill(targets == 0, 0).unsqueeze(1);
    const auto chunk = ctx->saved_data["chunk"].toInt();
    Tensor d_h, d_weight;
    if (ctx->saved_data["h"].toBool()) d_h = torch::empty_like(h);
    if (ctx->saved_data["weight"].toBool()) d_weight = torch::zeros_like(weight);
    for (std::int64_t first = 0; first < h.size(0); first += chunk) {
      const auto last = std::min(first + chunk, h.size(0));
      const auto rows = [&](const Tensor& of) { return of.slice(0, first, last); };
      const auto d =
          last == h.size(0) ? d_last : logits_gradient(plain_product(rows(h), weight.t()), rows(sums), rows(targets));
      if (d_h.defined()) rows(d_h).copy_(plain_product(d, weight) * rows(factors));
      if (d_weight.defined()) d_weight.add_(plain_product(d.t(), rows(h) * rows(factors)));
    }
    return {d_h, d_weight, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor cross_entropy_chunked(const Tensor& h, const Tensor& weight, const Tensor& targets, std::int64_t chunk) {
  const bool gradients = torch::GradMode::is_enabled() && (h.requires_grad() || weight.requires_grad());
  return ChunkedFunction::apply(h, weight, targets, chunk, gradients);
}

LinearCrossEntropyImpl::LinearCrossEntropyImpl(std::int64_t input, std::int64_t vocabulary) {
  const double bound = 1 / std::sqrt(static_cast<double>(input));
  weight = register_parameter("weight", torch::empty({vocabulary, input}).uniform_(-bound, bound));
}

torch::Tensor LinearCrossEntropyImpl::forward(const torch::Tensor& h, const torch::Tensor& targets) {
  if (runs_fused(h)) return cross_entropy_fused(h, weight, targets);
  if (!h.is_cpu()) return cross_entropy_chunked(h.flatten(0, 1), weight, targets.flatten()).view_as(targets);
  const auto options = F::CrossEntropyFuncOptions().reduction(torch::kNone).ignore_index(0);
  return F::cross_entropy(logits(h).flatten(0, 1), targets.flatten(), options).view_as(targets);
}

torch::Tensor LinearCrossEntropyImpl::token_nll(const torch::Tensor& h, const torch::Tensor& targets) {
  const torch::NoGradGuard no_grad;
  if (runs_fused(h)) return cross_entropy_infer(h, weight, targets);
  return forward(h, targets.repeat({1, h.size(1) / targets.size(1)}));
}

torch::Tensor LinearCrossEntropyImpl::logits(const torch::Tensor& h) { return plain_product(h, weight.t()); }

}  // namespace klbench::nn
