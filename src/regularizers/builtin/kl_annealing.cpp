#include <algorithm>
#include <cmath>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A weight on the KL that grows to 1, with t the steps done, T those planned and s(a) = start + (1 - start) clamp(a,
/// 0, 1):
///   linear    s((t + 1) / W), W the steps of warmup_epochs                        (Sonderby et al., NeurIPS 2016)
///   logistic  1 / (1 + exp(-k (t - x0)))                                            (Bowman et al., CoNLL 2016)
///   cyclical  s(((u + 1) / P - zero) / ratio), u = t mod P, P = T / cycles: `cycles` ramps over the planned training,
///   each
///             of which rests at `start` for a part `zero` of its time, rises for a part `ratio` (at most the rest) and
///             then rests at 1 (Fu et al., NAACL 2019).
/// The + 1: public code grows the weight before each step (He 2019, Li 2019, Zhu 2020, Fu 2019). Published for text: 10
/// epochs from 0 (Li et al., EMNLP 2019); 4 cycles and ratio 0.5 from 0 (Fu et al.; their code for PTB has 4 cycles of
/// 10 epochs with start 0.1 and ratio 0.45). Fu et al. have no zero phase, in article or code; that of Optimus (Li et
/// al., EMNLP 2020) is 10 cycles, zero 0.5 and ratio 0.25. Bowman et al. give no numbers; k and x0 are those of a
/// common public reimplementation.
class KlAnnealing : public Regularizer {
 public:
  KlAnnealing(const Options& options, const ModelFacts& /*model*/)
      : schedule_(options.text("schedule")),
        start_(options.real("start")),
        warmup_epochs_(options.real("warmup_epochs")),
        k_(options.real("k")),
        x0_(options.real("x0")),
        cycles_(static_cast<double>(options.integer("cycles"))),
        zero_(options.real("zero")),
        ratio_(std::min(options.real("ratio"), 1 - zero_)) {}

  double kl_weight(const Progress& progress, const Metrics& /*last*/) override {
    const auto step = static_cast<double>(progress.step), epoch = static_cast<double>(progress.steps_per_epoch);
    if (schedule_ == "logistic") return 1.0 / (1.0 + std::exp(-k_ * (step - x0_)));
    if (schedule_ == "linear") return warmup_epochs_ > 0 ? ramp((step + 1) / (warmup_epochs_ * epoch)) : 1.0;
    const double period = epoch * static_cast<double>(progress.epochs) / cycles_;
    return ramp(((std::fmod(step, period) + 1) / period - zero_) / ratio_);
  }

  /// Linear: the warm-up; logistic: until the weight is .99; cyclical: until the last ramp has reached 1.
  double schedule_epochs(const Progress& progress) const override {
    if (schedule_ == "linear") return warmup_epochs_;
    if (schedule_ == "logistic")
      return std::max(0.0, x0_ + std::log(99.0) / k_) / static_cast<double>(progress.steps_per_epoch);
    return static_cast<double>(progress.epochs) * (cycles_ - 1 + zero_ + ratio_) / cycles_;
  }

 private:
  double ramp(double share) const { return start_ + (1 - start_) * std::clamp(share, 0.0, 1.0); }

  std::string schedule_;
  double start_, warmup_epochs_, k_, x0_, cycles_, zero_, ratio_;
};

KLBENCH_REGULARIZER(KlAnnealing,
                    {.key = "kl_annealing",
                     .summary = "weight on the KL that grows to 1: linear, logistic or cyclical",
                     .paper = "Bowman et al., CoNLL 2016; Fu et al., NAACL 2019; zero phase: Li et al., EMNLP 2020",
                     .recipe = "li2019, fu2019",
                     .options = {{.name = "schedule",
                                  .default_value = "linear",
                                  .help = "shape of the weight over time",
                                  .choices = {"linear", "logistic", "cyclical"}},
                                 {.name = "start",
                                  .default_value = 0.0,
                                  .help = "linear, cyclical: weight that is grown from",
                                  .min = 0,
                                  .max = 1,
                                  .only_where = "schedule=linear,cyclical"},
                                 {.name = "warmup_epochs",
                                  .default_value = 10.0,
                                  .help = "linear: epochs until 1",
                                  .min = 0,
                                  .only_where = "schedule=linear"},
                                 {.name = "k",
                                  .default_value = 0.0025,
                                  .help = "logistic: slope per step",
                                  .min = 0,
                                  .min_open = true,
                                  .only_where = "schedule=logistic"},
                                 {.name = "x0",
                                  .default_value = 2500.0,
                                  .help = "logistic: step at which the weight is 1/2",
                                  .only_where = "schedule=logistic"},
                                 {.name = "cycles",
                                  .default_value = 4,
                                  .help = "cyclical: ramps over the whole training, which has to be of whole epochs",
                                  .min = 1,
                                  .only_where = "schedule=cyclical"},
                                 {.name = "zero",
                                  .default_value = 0.0,
                                  .help = "cyclical: part of a cycle spent at start before it rises",
                                  .min = 0,
                                  .max = 1,
                                  .max_open = true,
                                  .only_where = "schedule=cyclical"},
                                 {.name = "ratio",
                                  .default_value = 0.5,
                                  .help = "cyclical: part of a cycle spent rising",
                                  .min = 0,
                                  .max = 1,
                                  .min_open = true,
                                  .only_where = "schedule=cyclical"}}});

}  // namespace

}  // namespace klbench
