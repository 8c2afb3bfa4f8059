#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

namespace klbench {

/// SGD with momentum, or Adam (Kingma & Ba 2015: beta 0.9, 0.999, eps 1e-8), behind clipping by the global norm.
///
/// A step on groups G (bits of ParameterGroup: bit k moves groups[k]): with g the gradients of all parameters that
/// require and have one, of G or not (as public code clips: He et al., ICLR 2019), norm = ||g||_2, g <- g min(1, clip /
/// (norm + 1e-6)) (not where clip = 0), then for the parameters of G
///   sgd:  m <- momentum m + g (m = g at first);  p <- p - lr m
///   adam: m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  p <- p - lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
/// with t counting the steps of each parameter. Parameters outside G keep their values, gradients and state.
/// f32 parameters on the CPU are updated in one pass each; sparse gradients (of embeddings) by row where the rule
/// leaves rows without gradient alone.
class Optimizer {
 public:
  enum class Kind { sgd, adam };

  /// `groups`: the parameters by group, in the order of the bits: encoder, decoder, own. clip = 0: no clipping.
  Optimizer(std::vector<std::vector<torch::Tensor>> groups, Kind kind, double lr, double momentum, double clip);

  /// ||g||^2, a scalar in double, on the device of the parameters: nothing waits for a card. Brings sparse gradients
  /// into the form that step wants.
  torch::Tensor square_norm();
  /// Updates the parameters of `groups_mask` from their gradients, whose norm before clipping is given. Where it is not
  /// finite nothing is moved.
  void step(unsigned groups_mask, double norm);
  /// Drops the gradients of all parameters.
  void zero_grad();
  /// Forgets moments and step counts of the groups, as after their parameters were drawn anew.
  void clear_state(unsigned groups_mask);

  double lr() const { return lr_; }
  void set_lr(double lr) { lr_ = lr; }

  /// Learning rate, moments and step counts; what is loaded continues bit for bit.
  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  struct Slot {
    torch::Tensor parameter;
    unsigned group;               ///< its bit
    torch::Tensor first, second;  ///< moments; undefined until used
    std::int64_t steps = 0;
  };
  void update(Slot& slot, const torch::Tensor& gradient, double scale);
  void update_sgd(Slot& slot, const torch::Tensor& gradient, double scale);
  void update_adam(Slot& slot, const torch::Tensor& gradient, double scale);

  std::vector<Slot> slots_;
  Kind kind_;
  double lr_, momentum_, clip_;
};

/// "sgd" or "adam"; throws UsageError.
Optimizer::Kind optimizer_kind(const std::string& name);

}  // namespace klbench
