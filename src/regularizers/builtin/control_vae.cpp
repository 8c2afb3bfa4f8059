#include <algorithm>
#include <cmath>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// A PI controller that steers the KL to a target (Shao et al., ICML 2020). With e = target - KL of the step before,
///   weight = clip(Kp / (1 + exp(e)) + I, 0, 1),   I <- I - Ki e,
/// and an integrator that stands still while the weight is at a bound and e would push it further. In the authors' code
/// the condition of the article's anti-windup (W < 0 and W > 1) is never true, so that the integrator runs on: `windup:
/// public`. The weight starts at 0. Kp, Ki and the target are published for text (PTB: 1.5 and 3 in the figures, 2 in
/// the public script).
class ControlVae : public Regularizer {
 public:
  ControlVae(const Options& options, const ModelFacts& /*model*/)
      : target_(options.real("target")),
        kp_(options.real("kp")),
        ki_(options.real("ki")),
        held_(options.text("windup") == "held") {}

  double kl_weight(const Progress& /*progress*/, const Metrics& last) override {
    const auto kl = last.find("batch/kl");
    if (kl == last.end()) return weight_;
    const double error = target_ - kl->second;
    const double proportional = kp_ / (1.0 + std::exp(error));
    const double integral = integral_ - ki_ * error;
    const double wanted = proportional + integral;
    const bool winds_up = (wanted > 1 && error < 0) || (wanted < 0 && error > 0);
    if (!(held_ && winds_up)) integral_ = integral;
    weight_ = std::clamp(proportional + integral_, 0.0, 1.0);
    return weight_;
  }

  std::map<std::string, torch::Tensor> diagnostics() override {
    return {{"kl_weight", torch::tensor({weight_})}, {"integral", torch::tensor({integral_})}};
  }
  void save_state(torch::serialize::OutputArchive& archive) const override {
    save_number(archive, "integral", integral_);
    save_number(archive, "weight", weight_);
  }
  void load_state(torch::serialize::InputArchive& archive) override {
    integral_ = load_number(archive, "integral");
    weight_ = load_number(archive, "weight");
  }

 private:
  double target_, kp_, ki_;
  bool held_;
  double integral_ = 0, weight_ = 0;
};

KLBENCH_REGULARIZER(ControlVae,
                    {.key = "control_vae",
                     .summary = "PI controller of the KL weight with a target for the KL",
                     .paper = "Shao et al., ICML 2020",
                     .options = {{.name = "target", .default_value = 3.0, .help = "wanted KL, nats", .min = 0},
                                 {.name = "kp", .default_value = 0.01, .help = "proportional gain", .min = 0},
                                 {.name = "ki", .default_value = 0.0001, .help = "integral gain per step", .min = 0},
                                 {.name = "windup",
                                  .default_value = "held",
                                  .help = "held: the integrator stops at the bounds; public: it does not",
                                  .choices = {"held", "public"}}},
                     .replaces = {"kl_weight", "kl_scale", "kl_target"}});

}  // namespace

}  // namespace klbench
