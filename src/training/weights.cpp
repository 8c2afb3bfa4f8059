#include "training/weights.h"

#include <fmt/format.h>

#include "core/error.h"

namespace klbench {

namespace {

template <class Visitor>
void visit_weights(const torch::nn::Module& model, Visitor&& visit) {
  for (const auto& item : model.named_parameters()) visit(item.key(), item.value());
  for (const auto& item : model.named_buffers()) visit(item.key(), item.value());
}

}  // namespace

std::map<std::string, torch::Tensor> copy_weights(const torch::nn::Module& model) {
  std::map<std::string, torch::Tensor> copies;
  visit_weights(model, [&](const std::string& name, const torch::Tensor& tensor) {
    copies[name] = tensor.detach().cpu().clone();
  });
  return copies;
}

void set_weights(torch::nn::Module& model, const std::map<std::string, torch::Tensor>& weights) {
  const torch::NoGradGuard no_grad;
  std::size_t used = 0;
  visit_weights(model, [&](const std::string& name, torch::Tensor tensor) {
    const auto found = weights.find(name);
    if (found == weights.end() || found->second.sizes() != tensor.sizes()) {
      throw Error(fmt::format("saved weights do not fit the model: '{}' is missing or has another shape", name));
    }
    tensor.copy_(found->second);
    ++used;
  });
  if (used != weights.size()) throw Error("saved weights do not fit the model: they have more tensors");
}

}  // namespace klbench
