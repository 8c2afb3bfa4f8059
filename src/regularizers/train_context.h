#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace klbench {

struct Progress;

/// Groups of parameters an update may be restricted to; combine with |.
enum ParameterGroup : unsigned { kEncoder = 1, kDecoder = 2, kOwn = 4, kAllGroups = 7 };

/// The abstract model and optimiser as remedies see them; implemented by training/.
class TrainContext {
 public:
  virtual ~TrainContext() = default;

  virtual const Progress& progress() const = 0;
  /// Index of the batch under way in the training split's batch list, and of another one drawn uniformly.
  virtual std::int64_t batch() const = 0;
  virtual std::int64_t random_batch() = 0;

  /// What update() found; means over the batch, nats per example.
  struct Loss {
    double total = 0;  ///< what was minimised
    double rec = 0;
    double kl = 0;            ///< raw, of the posterior that feeds the decoder
    double kl_penalised = 0;  ///< raw, of the posterior that is penalised; the same unless the remedy makes a pair
    std::int64_t examples = 0;
    std::int64_t tokens = 0;  ///< predicted tokens
  };
  /// One optimiser step on batch `index` that moves only the parameters of `groups`: forward with the current KL weight
  /// (times `kl_scale`), backward, clip by the norm over the gradients of all groups, step.
  virtual Loss update(std::int64_t index, unsigned groups = kAllGroups, double kl_scale = 1.0) = 0;

  /// Draws the parameters of a group anew from the initialisation (seeded) and clears their optimiser state.
  virtual void reset_parameters(ParameterGroup group) = 0;
  /// Stops or resumes the gradient of a group for good (a frozen encoder).
  virtual void freeze(ParameterGroup group, bool frozen) = 0;
  /// Mutual information of the aggregated posterior over the valid split, nats (metric `mi`).
  virtual double valid_mi() = 0;
};

}  // namespace klbench
