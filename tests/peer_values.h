// The numbers of tests/peer/remedy_values.py, which computes them from papers and public codes on its own.
#pragma once

#include <torch/torch.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catch.h"
#include "matrices.h"

namespace klbench::testing {

inline constexpr double kTolerance = 2e-5;  // of single precision, relative to 1 + the largest value

inline nlohmann::json peer_cases(const std::string& kind) {
  std::ifstream file(KLBENCH_SOURCE_DIR "/tests/regularizers/peer_values.json");
  nlohmann::json found;
  for (const auto& item : nlohmann::json::parse(file)) {
    if (item.at("kind") == kind) found.push_back(item);
  }
  return found;
}

/// A number, a vector or a matrix.
inline torch::Tensor tensor_of(const nlohmann::json& values) {
  if (!values.is_array()) return torch::tensor(values.get<double>(), torch::kDouble);
  std::vector<torch::Tensor> parts;
  for (const auto& part : values) parts.push_back(tensor_of(part));
  return torch::stack(parts);
}

inline torch::Tensor peer_leaf(const nlohmann::json& values) {
  return tensor_of(values).to(torch::kFloat).requires_grad_();
}

inline void check_near(const nlohmann::json& item, const std::string& name, const torch::Tensor& ours,
                       double tolerance = kTolerance) {
  if (!item.contains(name)) return;
  const auto expected = tensor_of(item.at(name));
  const auto values = ours.defined() ? ours.detach() : torch::zeros_like(expected);
  INFO(name);
  CHECK(distance(values, expected) < tolerance * (1 + expected.abs().max().item<double>()));
}

}  // namespace klbench::testing
