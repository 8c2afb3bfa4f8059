#include "models/nn/dropout.h"

#include <limits>

#include "models/nn/kernels.h"
#include "models/precision.h"

namespace klbench::nn {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Tensor masked(const Tensor& x, double rate, std::int64_t seed) {
  const auto from = x.contiguous();
  auto to = torch::empty_like(from);
  drop(from.data_ptr<float>(), to.data_ptr<float>(), from.numel(), rate, static_cast<std::uint64_t>(seed));
  return to;
}

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, double rate, std::int64_t seed) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    ctx->saved_data["rate"] = rate;
    ctx->saved_data["seed"] = seed;
    return masked(x, rate, seed);
  }

  static variable_list backward(AutogradContext* ctx, variable_list d) {
    const at::AutoDispatchBelowADInplaceOrView plain;
    return {masked(d[0], ctx->saved_data["rate"].toDouble(), ctx->saved_data["seed"].toInt()), {}, {}};
  }
};

}  // namespace

Tensor DropoutImpl::forward(const Tensor& x) {
  if (!is_training() || rate_ == 0) return x;
  if (!fused() || !x.is_cpu() || x.scalar_type() != torch::kFloat) return torch::dropout(x, rate_, /*train=*/true);
  const auto seed = torch::randint(std::numeric_limits<std::int64_t>::max(), {1}, torch::kLong).item<std::int64_t>();
  return DropoutFunction::apply(x, rate_, seed);
}

}  // namespace klbench::nn
