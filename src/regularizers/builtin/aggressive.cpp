#include <limits>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// The encoder is trained to near its optimum before every step of the decoder (He et al., ICLR 2019). For each batch:
/// encoder steps, on that batch first and then on random ones, until the mean loss per token of a window of `window`
/// steps is above that of the window before, or max_inner - 1 steps are done; then one decoder step on the batch.
/// Every step is clipped by the norm over the gradients of all parameters, as in the authors' code; those that are not
/// moved count too. Once the mutual information on the valid split falls from one evaluation to the next, training goes
/// on as usual. A remedy's own parameters belong to the encoder. Bound and window are those of the authors' code, which
/// estimates the information batch by batch (`information: batches`), and which is run with a KL weight rising from 0.1
/// over 10 epochs (kl_annealing).
class Aggressive : public Regularizer {
 public:
  Aggressive(const Options& options, const ModelFacts& /*model*/)
      : max_inner_(options.integer("max_inner")),
        window_(options.integer("window")),
        batches_(options.text("information") == "batches") {}

  bool train_step(TrainContext& context) override {
    if (!active_) return false;
    train_encoder(context);
    context.update(context.batch(), kDecoder);
    return true;
  }

  void on_epoch_end(TrainContext& context, const Metrics& last) override {
    if (!active_) return;
    const auto known = last.find(batches_ ? "valid/mi_batch" : "valid/mi");
    if (known == last.end() && batches_) return;
    const double mi = known != last.end() ? known->second : context.valid_mi();
    active_ = mi >= last_mi_;
    last_mi_ = mi;
  }

  std::map<std::string, torch::Tensor> diagnostics() override {
    return {{"active", torch::tensor({active_ ? 1. : 0.})}};
  }
  void save_state(torch::serialize::OutputArchive& archive) const override {
    save_number(archive, "active", active_ ? 1 : 0);
    save_number(archive, "last_mi", last_mi_);
  }
  void load_state(torch::serialize::InputArchive& archive) override {
    active_ = load_number(archive, "active") != 0;
    last_mi_ = load_number(archive, "last_mi");
  }

 private:
  void train_encoder(TrainContext& context) {
    double before = std::numeric_limits<double>::infinity(), loss = 0;
    std::int64_t tokens = 0, batch = context.batch();
    for (std::int64_t inner = 1; inner < max_inner_; ++inner) {
      const auto found = context.update(batch, kEncoder | kOwn);
      loss += found.total * static_cast<double>(found.examples);
      tokens += found.tokens;
      batch = context.random_batch();
      if (inner % window_ != 0) continue;
      const double now = loss / static_cast<double>(tokens);
      if (now > before) return;
      before = now;
      loss = 0;
      tokens = 0;
    }
  }

  std::int64_t max_inner_, window_;
  bool batches_, active_ = true;
  double last_mi_ = -1;  // where the authors' code starts: an estimate may lie a little below 0
};

KLBENCH_REGULARIZER(
    Aggressive,
    {.key = "aggressive",
     .summary = "many encoder steps before each decoder step, until the mutual information stops rising",
     .paper = "He et al., ICLR 2019",
     .recipe = "he2019, he2019_images",
     .options = {{.name = "max_inner", .default_value = 100, .help = "bound on encoder steps a batch", .min = 2},
                 {.name = "window", .default_value = 15, .help = "steps between two looks at the loss", .min = 1},
                 {.name = "information",
                  .default_value = "split",
                  .help = "split: mi of the whole valid split; batches: mi_batch, as published, once it is evaluated",
                  .choices = {"split", "batches"}}},
     .replaces = {"encoder_training"}});

}  // namespace

}  // namespace klbench
