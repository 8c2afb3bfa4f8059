#include "training/selection.h"

namespace klbench {

void Selection::observe(std::int64_t epoch, double elbo,
                        const std::function<std::map<std::string, torch::Tensor>()>& weights) {
  if (!empty() && !(elbo > elbo_)) return;
  epoch_ = epoch;
  elbo_ = elbo;
  weights_.clear();
  weights_ = weights();
}

void Selection::save(TensorFile& file) const {
  for (const auto& [name, tensor] : weights_) file.tensors["best/" + name] = tensor;
  file.tensors["best_elbo"] = torch::tensor(elbo_, torch::kFloat64);
  file.tensors["best_epoch"] = torch::tensor(epoch_, torch::kInt64);
}

void Selection::load(const TensorFile& file) {
  weights_ = file.below("best/");
  elbo_ = file.tensor("best_elbo").item<double>();
  epoch_ = file.tensor("best_epoch").item<std::int64_t>();
}

}  // namespace klbench
