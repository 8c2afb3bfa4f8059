#include <algorithm>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// A KL weight that grows by `rate` when the KL of the step before is above target (1 + tolerance), shrinks by `rate`
/// when it is below the target, and never exceeds 1 (Chen et al., ICLR 2017, appendix C). tolerance and rate are
/// theirs, for images; a target for text is not published: ours is the 8 nats of Li et al.'s free bits.
class SoftFreeBits : public Regularizer {
 public:
  SoftFreeBits(const Options& options, const ModelFacts& /*model*/)
      : target_(options.real("target")), tolerance_(options.real("tolerance")), rate_(options.real("rate")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& last) override {
    const auto kl = last.find("batch/kl");
    if (kl == last.end()) return weight_;
    if (kl->second > target_ * (1 + tolerance_)) weight_ *= 1 + rate_;
    if (kl->second < target_) weight_ *= 1 - rate_;
    weight_ = std::clamp(weight_, kMinWeight, 1.0);
    return weight_;
  }

  std::map<std::string, torch::Tensor> diagnostics() override { return {{"kl_weight", torch::tensor({weight_})}}; }
  void save_state(torch::serialize::OutputArchive& archive) const override { save_number(archive, "weight", weight_); }
  void load_state(torch::serialize::InputArchive& archive) override { weight_ = load_number(archive, "weight"); }

 private:
  static constexpr double kMinWeight = 1e-4;  // from where 1 is reached again within a hundred steps
  double target_, tolerance_, rate_;
  double weight_ = 1;
};

KLBENCH_REGULARIZER(
    SoftFreeBits,
    {.key = "soft_free_bits",
     .summary = "KL weight scaled up or down around a target rate",
     .paper = "Chen et al., ICLR 2017",
     .options =
         {{.name = "target", .default_value = 8.0, .help = "wanted KL, nats; our choice", .min = 0},
          {.name = "tolerance", .default_value = 0.05, .help = "share above the target that is left alone", .min = 0},
          {.name = "rate",
           .default_value = 0.1,
           .help = "change of the weight in a step",
           .min = 0,
           .max = 1,
           .max_open = true}},
     .replaces = {"kl_weight", "kl_scale", "kl_target"}});

}  // namespace

}  // namespace klbench
