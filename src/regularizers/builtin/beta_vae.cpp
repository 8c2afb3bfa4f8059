#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A constant weight on the KL, loss = rec + beta KL (Higgins et al., ICLR 2017). Published: 4 for 2D shapes, where
/// less information is wanted in z; 0.4 for text, against vanishing (He et al., ICLR 2019, baseline). The default is
/// the latter.
class BetaVae : public Regularizer {
 public:
  BetaVae(const Options& options, const ModelFacts& /*model*/) : beta_(options.real("beta")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return beta_; }

 private:
  double beta_;
};

KLBENCH_REGULARIZER(BetaVae, {.key = "beta_vae",
                              .summary = "constant weight on the KL",
                              .paper = "Higgins et al., ICLR 2017; for text He et al., ICLR 2019",
                              .recipe = "zhang2022",
                              .options = {{.name = "beta",
                                           .default_value = 0.4,
                                           .help = "weight on the KL; below 1 against vanishing",
                                           .min = 0,
                                           .min_open = true}},
                              .replaces = {"kl_scale"}});

}  // namespace

}  // namespace klbench
