#pragma once

#include <torch/torch.h>

#include <string>

namespace klbench {

/// A number of a remedy's state in an archive, exactly.
inline void save_number(torch::serialize::OutputArchive& archive, const std::string& name, double value) {
  archive.write(name, torch::tensor(value, torch::kDouble));
}
inline double load_number(torch::serialize::InputArchive& archive, const std::string& name) {
  torch::Tensor value;
  archive.read(name, value);
  return value.item<double>();
}

}  // namespace klbench
