#include <algorithm>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A growing capacity for the KL (Burgess et al., 2018): the penalty is gamma |mean_B KL - C(t)|, where C rises
/// linearly from 0 to max_capacity over warmup_epochs. gamma and max_capacity are published for images; the article
/// lets C rise over 100,000 steps.
class Capacity : public Regularizer {
 public:
  Capacity(const Options& options, const ModelFacts& /*model*/)
      : gamma_(options.real("gamma")),
        max_capacity_(options.real("max_capacity")),
        warmup_epochs_(options.real("warmup_epochs")) {}

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& progress) override {
    const double share = warmup_epochs_ > 0 ? std::min(1.0, progress.epochs_done() / warmup_epochs_) : 1.0;
    return (gamma_ * (terms.kl.sum(1).mean() - max_capacity_ * share).abs()).expand({terms.kl.size(0)});
  }
  double schedule_epochs(const Progress& /*progress*/) const override { return warmup_epochs_; }

 private:
  double gamma_, max_capacity_, warmup_epochs_;
};

KLBENCH_REGULARIZER(Capacity, {.key = "capacity",
                               .summary = "holds the KL at a capacity that grows",
                               .paper = "Burgess et al., NeurIPS workshop 2017 (arXiv 1804.03599)",
                               .options = {{.name = "gamma",
                                            .default_value = 1000.0,
                                            .help = "weight of the distance from the capacity",
                                            .min = 0,
                                            .min_open = true},
                                           {.name = "max_capacity",
                                            .default_value = 25.0,
                                            .help = "final capacity, nats; published for images",
                                            .min = 0},
                                           {.name = "warmup_epochs",
                                            .default_value = 10.0,
                                            .help = "epochs over which it rises from 0; our choice",
                                            .min = 0}},
                               .replaces = {"kl_weight", "kl_scale", "kl_target"},
                               .any_latent = true});

}  // namespace

}  // namespace klbench
