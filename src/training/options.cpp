#include "training/options.h"

#include "core/rng.h"

namespace klbench {

TrainerOptions::TrainerOptions(const CellConfig& config)
    : epochs(config.integer("trainer.epochs")),
      steps(config.integer("trainer.steps")),
      batch_size(config.integer("trainer.batch_size")),
      accumulate(config.integer("trainer.accumulate")),
      batching(batching_from(config.text("trainer.batching"))),
      optimizer(optimizer_kind(config.text("trainer.optimizer"))),
      lr(config.real("trainer.lr")),
      momentum(config.real("trainer.momentum")),
      clip(config.real("trainer.clip")),
      decay(config.real("trainer.decay")),
      patience(config.integer("trainer.patience")),
      max_decays(config.integer("trainer.max_decays")),
      min_decay_epoch(config.integer("trainer.min_decay_epoch")),
      checkpoint_every_steps(config.integer("trainer.checkpoint_every_steps")) {}

EvaluationPlan::EvaluationPlan(const CellConfig& config)
    : every(config.integer("eval.every")),
      mean_space(config.boolean("eval.mean_space")),
      nll_check_examples(config.integer("eval.nll_check_examples")) {}

EvaluationOptions evaluation_options(const CellConfig& config, bool with_nll) {
  EvaluationOptions options;
  options.seed = derive_seed(static_cast<std::uint64_t>(config.integer("seed")), "evaluation");
  options.batch_size = config.integer("eval.batch_size");
  options.mi_samples = config.integer("eval.mi_samples");
  options.nll_samples = config.integer("eval.nll_samples");
  options.nll_examples = config.integer("eval.nll_examples");
  options.nll_tolerance = config.real("eval.nll_tolerance");
  options.with_nll = with_nll;
  for (const auto& [name, value] : config.values) {
    if (const bool* on = std::get_if<bool>(&value); on && *on) options.asked.insert(name);
  }
  options.progress.mode = Progress::Mode::eval;
  return options;
}

}  // namespace klbench
