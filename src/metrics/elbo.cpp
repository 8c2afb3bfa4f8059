#include "metrics/elbo.h"

namespace klbench {

Elbo elbo_of(const torch::Tensor& rec, const torch::Tensor& kl_dim) {
  Elbo result;
  result.rec = rec.to(torch::kFloat64).mean().item<double>();
  if (kl_dim.defined()) {
    result.kl_dim = kl_dim.to(torch::kFloat64).mean(0);
    result.kl = result.kl_dim.sum().item<double>();
  }
  result.elbo = -(result.rec + result.kl);
  return result;
}

}  // namespace klbench
