#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "training/tensor_file.h"

namespace klbench {

/// Model selection by one rule for all: the weights with the best valid ELBO (beta 1) among the evaluations after the
/// remedy's own schedule has completed.
class Selection {
 public:
  /// Takes `weights()` when `elbo` is the best so far, having let go of the weights before (large models).
  void observe(std::int64_t epoch, double elbo, const std::function<std::map<std::string, torch::Tensor>()>& weights);
  bool empty() const { return epoch_ == 0; }
  std::int64_t epoch() const { return epoch_; }
  double elbo() const { return elbo_; }
  const std::map<std::string, torch::Tensor>& weights() const { return weights_; }

  void save(TensorFile& file) const;
  void load(const TensorFile& file);

 private:
  std::int64_t epoch_ = 0;  ///< 1-based; 0: none yet
  double elbo_ = -std::numeric_limits<double>::infinity();
  std::map<std::string, torch::Tensor> weights_;
};

}  // namespace klbench
