#include <algorithm>
#include <cmath>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A weight on the KL that grows to 1, with t the steps done and T those planned:
///   linear    min(1, start + (1 - start) t / (steps of warmup_epochs))         (Sonderby et al., NeurIPS 2016)
///   logistic  1 / (1 + exp(-k (t - x0)))                                            (Bowman et al., CoNLL 2016)
///   cyclical  start + (1 - start) min(1, u / ratio), u = frac(t cycles / T): `cycles` ramps over the planned training,
///             each of which rises for a part `ratio` of its time and then rests at 1 (Fu et al., NAACL 2019).
/// Published for text: 10 epochs from 0 (Li et al., EMNLP 2019), 4 cycles and ratio 0.5. Bowman et al. give no numbers;
/// k and x0 are those of a common public reimplementation.
class KlAnnealing : public Regularizer {
 public:
  KlAnnealing(const Options& options, const ModelFacts& /*model*/)
      : schedule_(options.text("schedule")),
        start_(options.real("start")),
        warmup_epochs_(options.real("warmup_epochs")),
        k_(options.real("k")),
        x0_(options.real("x0")),
        cycles_(static_cast<double>(options.integer("cycles"))),
        ratio_(options.real("ratio")) {}

  double kl_weight(const Progress& progress, const Metrics& /*last*/) override {
    if (schedule_ == "logistic") return 1.0 / (1.0 + std::exp(-k_ * (static_cast<double>(progress.step) - x0_)));
    const double done = progress.epochs_done();
    if (schedule_ == "linear") return warmup_epochs_ > 0 ? ramp(done / warmup_epochs_) : 1.0;
    const double cycle = done * cycles_ / static_cast<double>(progress.epochs);
    return ramp((cycle - std::floor(cycle)) / ratio_);
  }

  /// Linear: the warm-up; logistic: until the weight is .99; cyclical: until the last ramp has reached 1.
  double schedule_epochs(const Progress& progress) const override {
    if (schedule_ == "linear") return warmup_epochs_;
    if (schedule_ == "logistic")
      return std::max(0.0, x0_ + std::log(99.0) / k_) / static_cast<double>(progress.steps_per_epoch);
    return static_cast<double>(progress.epochs) * (cycles_ - 1 + ratio_) / cycles_;
  }

 private:
  double ramp(double share) const { return start_ + (1 - start_) * std::min(1.0, share); }

  std::string schedule_;
  double start_, warmup_epochs_, k_, x0_, cycles_, ratio_;
};

KLBENCH_REGULARIZER(
    KlAnnealing,
    {.key = "kl_annealing",
     .summary = "weight on the KL that grows to 1: linear, logistic or cyclical",
     .paper = "Bowman et al., CoNLL 2016; Fu et al., NAACL 2019",
     .options = {{.name = "schedule",
                  .default_value = "linear",
                  .help = "shape of the weight over time",
                  .choices = {"linear", "logistic", "cyclical"}},
                 {.name = "start", .default_value = 0.0, .help = "linear, cyclical: first weight", .min = 0, .max = 1},
                 {.name = "warmup_epochs", .default_value = 10.0, .help = "linear: epochs until 1", .min = 0},
                 {.name = "k", .default_value = 0.0025, .help = "logistic: slope per step", .min = 0, .min_open = true},
                 {.name = "x0", .default_value = 2500.0, .help = "logistic: step at which the weight is 1/2"},
                 {.name = "cycles", .default_value = 4, .help = "cyclical: ramps over the whole training", .min = 1},
                 {.name = "ratio",
                  .default_value = 0.5,
                  .help = "cyclical: part of a cycle spent rising",
                  .min = 0,
                  .max = 1,
                  .min_open = true}}});

}  // namespace

}  // namespace klbench
