#include <limits>

#include "config/schema.h"

namespace klbench {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

constexpr double kMaxSize = 65536;     // dimensions of z
constexpr double kMaxCount = 1000000;  // epochs, sentences in a batch, samples
constexpr double kMaxSteps = 1000000000;

OptionSpec integer(std::string name, std::int64_t value, double min, double max, std::string help) {
  return {.name = std::move(name), .default_value = value, .help = std::move(help), .min = min, .max = max};
}

OptionSpec real(std::string name, double value, double min, double max, std::string help) {
  return {.name = std::move(name), .default_value = value, .help = std::move(help), .min = min, .max = max};
}

OptionSpec choice(std::string name, std::string value, std::vector<std::string> choices, std::string help) {
  return {.name = std::move(name),
          .default_value = std::move(value),
          .help = std::move(help),
          .choices = std::move(choices)};
}

OptionSpec flag(std::string name, bool value, std::string help) {
  return {.name = std::move(name), .default_value = value, .help = std::move(help)};
}

}  // namespace

std::vector<OptionSpec> core_options() {
  return {
      integer("seed", 0, 0, kInf, "seed of initialisation, data order, dropout and sampling"),
      // model
      integer("model.latent_dim", 32, 0, kMaxSize, "dimensions of z (d); 0: no z, the decoder is a language model"),
      // trainer
      integer("trainer.epochs", 10, 1, kMaxCount, "passes over the training split"),
      integer("trainer.steps", 0, 0, kMaxSteps,
              "if > 0: stop after so many optimiser steps instead (evaluated as epochs)"),
      integer("trainer.batch_size", 32, 1, kMaxCount, "examples in a batch"),
      integer("trainer.accumulate", 1, 1, kMaxCount,
              "batches that make one step: statistics, loss and gradient of all of them, in the memory of one"),
      choice("trainer.batching", "iid", {"iid", "bucketed", "equal_length"},
             "iid: a fresh permutation every epoch, cut into batches; bucketed: fixed batches of neighbouring lengths; "
             "equal_length: of one length, as published"),
      choice("trainer.optimizer", "sgd", {"sgd", "adam"}, "optimiser"),
      real("trainer.lr", 1.0, 0, kInf, "initial learning rate"),
      {.name = "trainer.momentum",
       .default_value = 0.0,
       .help = "momentum of sgd",
       .min = 0,
       .max = 0.999,
       .only_where = "trainer.optimizer=sgd"},
      real("trainer.clip", 5.0, 0, kInf, "largest gradient norm; 0: no clipping"),
      real("trainer.decay", 0.5, 0, 1, "factor on the learning rate when the validation loss stops improving"),
      integer("trainer.patience", 2, 1, kMaxCount,
              "evaluations without gain before a decay (5 in the public reference)"),
      integer("trainer.min_decay_epoch", 0, 0, kMaxCount,
              "no decay at an evaluation before the end of this epoch (16 in the public reference)"),
      integer("trainer.max_decays", 5, 0, kMaxCount,
              "training stops early after so many decays; 0: no decay, no early stop"),
      choice(
          "trainer.device", "cpu",
          {"cpu", "cuda", "cuda:0", "cuda:1", "cuda:2", "cuda:3", "cuda:4", "cuda:5", "cuda:6", "cuda:7"},
          "where tensors live; cuda: the first card that the process sees (run --launcher-option gpus=N deals them)"),
      choice("trainer.precision", "f32", {"f32", "bf16", "auto"},
             "precision of the matrix products; auto: bf16 on a CPU with AMX, else f32, as it stands in the cell; "
             "bf16 on a card: those of LSTMs and of the softmax layer"),
      integer("trainer.checkpoint_every_steps", 0, 0, kMaxSteps,
              "also save a checkpoint within an epoch, so many steps apart; 0: no"),
      // evaluation
      integer("eval.every", 1, 1, kMaxCount, "epochs between evaluations on valid"),
      integer("eval.batch_size", 64, 1, kMaxCount, "examples in an evaluation batch"),
      integer("eval.mi_samples", 8, 1, kMaxCount,
              "draws of z an example for mi and mi_batch at the end, with 1 their standard error is unknown; by epoch "
              "as many of them as make 10,000"),
      integer("eval.nll_samples", 500, 1, kMaxCount, "importance samples (K) of nll"),
      integer("eval.nll_examples", 0, 0, kMaxCount, "examples of the split that nll uses; 0: all"),
      real("eval.nll_tolerance", 0.0, 0, kInf,
           "stop an example's sampling once the standard error of its log-mean-exp is below this; 0: off"),
      integer("eval.nll_check_examples", 0, 0, kMaxCount,
              "if > 0: nll with K = 50, 500 and 5,000 on so many examples of test, to see the gap that K leaves"),
      flag("eval.probe", false,
           "linear probes of the labels on mu (probe_accuracy) and on z ~ q (probe_accuracy_z), with the accuracies of "
           "the majority class and of the length alone"),
      flag("eval.generation", false,
           "of text: distinct_1, distinct_2, self_bleu, forward_ppl and reverse_ppl of 1,000 sentences from the prior; "
           "trains two small language models a cell"),
      flag("eval.mean_space", false,
           "posterior means by model and by encoder at four evaluations (figure mean_space); wants latent_dim 1"),
      // what is kept beside the result
      flag("keep.model", false, "keep the selected weights as <id>.model"),
      integer("keep.samples", 0, 0, kMaxCount,
              "keep <id>.samples.txt: so many reconstructions, prior samples and interpolations"),
      flag("keep.latents", false,
           "keep <id>.latent.h5: mu, log_var (z instead where the posterior is not Gaussian), label of every example"),
  };
}

}  // namespace klbench
