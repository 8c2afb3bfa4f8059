#pragma once

#include <cstdint>
#include <limits>

namespace klbench {

/// Decay on the validation loss, as in the public code of He et al. (2019): after `patience` evaluations in a row
/// without gain the rate is multiplied by `decay`, the best weights are taken up again and the count starts anew from
/// the loss of that moment; training ends when `max_decays` decays have been made. Nothing happens while the remedy's
/// schedule runs; before the end of epoch `min_epoch` evaluations without gain are counted, but nothing is done.
class PlateauDecay {
 public:
  struct State {
    double best_loss = std::numeric_limits<double>::infinity();
    std::int64_t without_gain = 0;
    std::int64_t decays = 0;
  };
  enum class Action { none, decay, stop };

  /// max_decays = 0: never acts.
  PlateauDecay(std::int64_t patience, std::int64_t max_decays, std::int64_t min_epoch = 0)
      : patience_(patience), max_decays_(max_decays), min_epoch_(min_epoch) {}

  /// Takes the validation loss (lower is better) after `epoch` epochs.
  Action observe(double loss, bool schedule_complete, std::int64_t epoch);

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  std::int64_t patience_;
  std::int64_t max_decays_;
  std::int64_t min_epoch_;
  State state_;
};

}  // namespace klbench
