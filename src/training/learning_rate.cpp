#include "training/learning_rate.h"

namespace klbench {

PlateauDecay::Action PlateauDecay::observe(double loss, bool schedule_complete, std::int64_t epoch) {
  if (!schedule_complete || max_decays_ == 0) return Action::none;
  if (loss < state_.best_loss) {
    state_.best_loss = loss;
    state_.without_gain = 0;
    return Action::none;
  }
  if (++state_.without_gain < patience_ || epoch < min_epoch_) return Action::none;
  state_.best_loss = loss;
  state_.without_gain = 0;
  return ++state_.decays >= max_decays_ ? Action::stop : Action::decay;
}

}  // namespace klbench
