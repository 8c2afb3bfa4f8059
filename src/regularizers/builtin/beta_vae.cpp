#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A constant weight on the KL, loss = rec + beta KL (Higgins et al., ICLR 2017). beta < 1 keeps more information in z.
class BetaVae : public Regularizer {
 public:
  BetaVae(const Options& options, std::int64_t /*latent_dim*/) : beta_(options.real("beta")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return beta_; }

 private:
  double beta_;
};

KLBENCH_REGULARIZER(
    BetaVae,
    {.key = "beta_vae",
     .summary = "constant weight on the KL",
     .paper = "Higgins et al., ICLR 2017",
     .options = {{.name = "beta", .default_value = 4.0, .help = "weight on the KL", .min = 0, .min_open = true}},
     .replaces = {"kl_scale"}});

}  // namespace

}  // namespace klbench
