#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

namespace klbench {

/// Parameters and buffers of a model by name, copied to the CPU.
std::map<std::string, torch::Tensor> copy_weights(const torch::nn::Module& model);

/// Copies weights into the model in place; throws Error where names or shapes differ from the model's.
void set_weights(torch::nn::Module& model, const std::map<std::string, torch::Tensor>& weights);

}  // namespace klbench
