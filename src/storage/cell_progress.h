#pragma once

#include <limits>

namespace klbench {

/// Live numbers of a running cell. NaN: not known (yet), or the model has none.
struct CellProgress {
  /// training: within an epoch; epoch_ended: right after one was recorded; evaluating: after the last one.
  enum class Stage { training, epoch_ended, evaluating };
  Stage stage = Stage::training;
  double epochs_done = 0;
  double epochs = 0;         ///< 0: nothing was reported yet
  double resumed_after = 0;  ///< epochs in the checkpoint that this attempt began with
  /// Means over the epoch under way, of the whole epoch once it has ended; nats per example.
  double loss = std::numeric_limits<double>::quiet_NaN();
  double kl = std::numeric_limits<double>::quiet_NaN();
  double valid_elbo = std::numeric_limits<double>::quiet_NaN();  ///< of the last evaluation, nats per example
  /// Tokens, or images, of training alone: neither evaluations nor checkpoints count.
  double tokens_per_second = std::numeric_limits<double>::quiet_NaN();
  bool images = false;  ///< the examples are images
};

}  // namespace klbench
