#include <algorithm>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// Autoencoder first (Li et al., EMNLP 2019): for pretrain_epochs the KL has no weight; then the decoder is drawn anew
/// and training goes on with a KL weight that rises linearly from `start` to 1 over warmup_epochs and with free bits,
/// sum_j KL_j [KL_j > lambda] for each example. start, warmup_epochs and lambda (8 nats over d = 32, `total: 8`) are
/// published for Yahoo. There the autoencoder is a run of its own, up to 100 epochs with decays of its own, whose epoch
/// of the best reconstruction goes on, and learning rate and epochs start anew with the new decoder; here both are one
/// run. The weight grows before every step, as in their code: the first is start + (1 - start) / (steps of the
/// warm-up).
class PretrainFb : public Regularizer {
 public:
  PretrainFb(const Options& options, const ModelFacts& model)
      : pretrain_epochs_(options.integer("pretrain_epochs")),
        start_(options.real("start")),
        warmup_epochs_(options.real("warmup_epochs")),
        lambda_(options.real("lambda")) {
    if (const double total = options.real("total"); total > 0) lambda_ = total / static_cast<double>(model.latent_dim);
  }

  void on_epoch_begin(TrainContext& context) override {
    if (decoder_reset_ || context.progress().epoch < pretrain_epochs_) return;
    context.reset_parameters(kDecoder);
    decoder_reset_ = true;
  }

  double kl_weight(const Progress& progress, const Metrics& /*last*/) override {
    const std::int64_t step = progress.step - pretrain_epochs_ * progress.steps_per_epoch;
    if (step < 0) return 0;
    const double warmup = warmup_epochs_ * static_cast<double>(progress.steps_per_epoch);
    return warmup > 0 ? start_ + (1 - start_) * std::min(1.0, static_cast<double>(step + 1) / warmup) : 1.0;
  }

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
    return (terms.kl * (terms.kl > lambda_).to(terms.kl.dtype())).sum(1);
  }

  double schedule_epochs(const Progress& /*progress*/) const override {
    return static_cast<double>(pretrain_epochs_) + warmup_epochs_;
  }

  void save_state(torch::serialize::OutputArchive& archive) const override {
    save_number(archive, "decoder_reset", decoder_reset_ ? 1 : 0);
  }
  void load_state(torch::serialize::InputArchive& archive) override {
    decoder_reset_ = load_number(archive, "decoder_reset") != 0;
  }

 private:
  std::int64_t pretrain_epochs_;
  double start_, warmup_epochs_, lambda_;
  bool decoder_reset_ = false;
};

KLBENCH_REGULARIZER(
    PretrainFb,
    {.key = "pretrain_fb",
     .summary = "autoencoder first, then a new decoder with annealing and free bits",
     .paper = "Li et al., EMNLP 2019",
     .recipe = "li2019",
     .options =
         {{.name = "pretrain_epochs", .default_value = 5, .help = "epochs as an autoencoder; our choice", .min = 1},
          {.name = "start", .default_value = 0.0, .help = "first KL weight after that", .min = 0, .max = 1},
          {.name = "warmup_epochs", .default_value = 10.0, .help = "epochs until the weight is 1", .min = 0},
          {.name = "lambda",
           .default_value = 0.25,
           .help = "free bits, nats per dimension",
           .min = 0,
           .only_where = "total=0.0"},
          {.name = "total",
           .default_value = 0.0,
           .help = "if > 0, instead of lambda: free bits over all dimensions, nats",
           .min = 0}},
     .replaces = {"kl_target", "encoder_training"}});

}  // namespace

}  // namespace klbench
