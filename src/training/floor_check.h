#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <limits>

#include "storage/records.h"

namespace klbench {

/// Compares every training batch with its analytic floor: mean_B KL_j >= floor_j for each dimension (below_floor.h).
class FloorCheck {
 public:
  struct State {
    std::int64_t batches = 0;                                    ///< batches that had a floor
    std::int64_t violations = 0;                                 ///< batches with a dimension below its floor
    double min_slack = std::numeric_limits<double>::infinity();  ///< smallest sum_j (mean_B KL_j - floor_j), nats
  };

  /// Of a batch with raw KL [B, d] and floor [d], on their device, in double: whether a dimension lies below its floor
  /// (1 or 0), sum_j (mean_B KL_j - floor_j) and sum_j floor_j, nats.
  static torch::Tensor measure(const torch::Tensor& kl, const torch::Tensor& floor);
  /// Counts a batch of which `measure` gave the first two.
  void count(double below, double slack);

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

/// The facts of a finished cell about its floors: kl_floor_nominal (unless NaN), kl_floor_measured (mean over the
/// batches of the selected epoch), and where batches had a floor floor_batches, floor_violations, floor_min_slack.
/// Reads its epochs and selected_epoch.
void add_floor_facts(const FloorCheck::State& floors, double nominal, CellResult& result);

}  // namespace klbench
