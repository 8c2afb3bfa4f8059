#include <cmath>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// A minimum desired rate by a Lagrangian (Pelsmaeker and Aziz, ACL 2020): minimise rec + KL subject to mean_B KL >=
/// rate,
///   loss = rec + KL + |w| (rate - mean_B KL),   w from 1.01, moved up the gradient (rate - KL) sign w by RMSprop,
///   v <- 0.99 v + 0.01 g^2,   w <- w + lr g / (sqrt v + 1e-8),
/// as in their public code, which clips the norm of all gradients with that of w; here w is left out of the clipping.
/// There the optimiser of the model steps w, too: the filter that should keep it away asks for another name.
/// Where lr is large against the length of training, w overshoots through 0 and does not come back in time: on the
/// small cells of the tests 0.001 holds a rate of 3 and 0.01 ends with a KL of 0. The constant |w| rate is left out of
/// the loss. The rate is our choice; the learning rate of w is Adam's there.
class Mdr : public Regularizer {
 public:
  Mdr(const Options& options, const ModelFacts& /*model*/) : rate_(options.real("rate")), lr_(options.real("lr")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& last) override {
    if (const auto kl = last.find("batch/kl_penalised"); kl != last.end()) {
      const double gradient = (rate_ - kl->second) * (w_ < 0 ? -1 : 1);
      mean_square_ = kDecay * mean_square_ + (1 - kDecay) * gradient * gradient;
      w_ += lr_ * gradient / (std::sqrt(mean_square_) + 1e-8);
    }
    return 1 - std::abs(w_);
  }

  std::map<std::string, torch::Tensor> diagnostics() override {
    return {{"multiplier", torch::tensor({std::abs(w_)})}};
  }

  void save_state(torch::serialize::OutputArchive& archive) const override {
    save_number(archive, "w", w_);
    save_number(archive, "mean_square", mean_square_);
  }
  void load_state(torch::serialize::InputArchive& archive) override {
    w_ = load_number(archive, "w");
    mean_square_ = load_number(archive, "mean_square");
  }

 private:
  static constexpr double kDecay = 0.99;

  double rate_, lr_;
  double w_ = 1.01, mean_square_ = 0;
};

KLBENCH_REGULARIZER(Mdr, {.key = "mdr",
                          .summary = "minimum desired rate, held by a Lagrange multiplier",
                          .paper = "Pelsmaeker and Aziz, ACL 2020",
                          .options = {{.name = "rate", .default_value = 5.0, .help = "least KL, nats", .min = 0},
                                      {.name = "lr",
                                       .default_value = 0.001,
                                       .help = "learning rate of the multiplier",
                                       .min = 0,
                                       .min_open = true}},
                          .replaces = {"kl_weight", "kl_scale", "kl_target"}});

}  // namespace

}  // namespace klbench
