#include "engine/plugin_api.h"

KLBENCH_PLUGIN

namespace klbench {

namespace {

/// Pays for KL below a target: extra loss = weight max(0, target - mean_B KL). An example of a remedy out of tree.
class KlHinge : public Regularizer {
 public:
  KlHinge(const Options& options, const ModelFacts& /*model*/)
      : target_(options.real("target")), weight_(options.real("weight")) {}

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    return weight_ * (target_ - terms.kl.sum(1).mean()).clamp_min(0);
  }

 private:
  double target_, weight_;
};

KLBENCH_REGULARIZER(
    KlHinge,
    {.key = "kl_hinge",
     .summary = "hinge loss on the KL",
     .paper = "example of an out-of-tree plugin",
     .options = {{.name = "target", .default_value = 8.0, .help = "KL from which nothing is paid, nats", .min = 0},
                 {.name = "weight", .default_value = 2.0, .help = "price of a missing nat", .min = 0}},
     .replaces = {"kl_target"}});

}  // namespace

}  // namespace klbench
