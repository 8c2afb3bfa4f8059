#pragma once

#include <cstdint>
#include <limits>

namespace klbench {

/// Decay on the validation loss, as in the public code of He et al. (2019): after `patience` evaluations in a row
/// without gain the rate is multiplied by `decay`, the best weights are taken up again and the count starts anew from
/// the loss of that moment; training ends when `max_decays` decays have been made. Nothing happens while the remedy's
/// schedule runs.
class PlateauDecay {
 public:
  struct State {
    double best_loss = std::numeric_limits<double>::infinity();
    std::int64_t without_gain = 0;
    std::int64_t decays = 0;
  };
  enum class Action { none, decay, stop };

  /// max_decays = 0: never acts.
  PlateauDecay(std::int64_t patience, std::int64_t max_decays) : patience_(patience), max_decays_(max_decays) {}

  /// Takes the validation loss (lower is better) of an evaluation.
  Action observe(double loss, bool schedule_complete);

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  std::int64_t patience_;
  std::int64_t max_decays_;
  State state_;
};

}  // namespace klbench
