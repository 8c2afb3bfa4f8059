#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/option_spec.h"
#include "latent/posterior.h"
#include "regularizers/train_context.h"

namespace klbench {

/// Where training stands, and which statistics a posterior transform has to use.
struct Progress {
  enum class Mode {
    train,         ///< batch statistics; dropout and other noise on
    collect,       ///< a pass over the training split at fixed weights that gathers population statistics
    eval,          ///< the population statistics gathered by the last `collect` pass
    eval_running,  ///< running statistics of training, as BN layers use by default
  };
  Mode mode = Mode::train;
  std::int64_t epoch = 0;  ///< 0-based epoch under way
  std::int64_t step = 0;   ///< optimiser steps done so far
  std::int64_t steps_per_epoch = 1;
  std::int64_t epochs = 1;  ///< planned epochs
  double kl_weight = 1;     ///< in training the factor on the penalty at this step

  bool training() const { return mode == Mode::train; }
  /// Epochs done so far, with the fraction of the one under way.
  double epochs_done() const { return static_cast<double>(step) / static_cast<double>(steps_per_epoch); }
};

/// Raw outputs of the encoder, [B, d] each; what `scale` means (log variance, signed sigma, ...) the transform says.
struct RawPosterior {
  torch::Tensor mu;
  torch::Tensor scale;
};

/// The posterior whose KL is penalised, and the one that feeds the decoder where that is another one.
struct PosteriorPair {
  Posterior kl;
  std::optional<Posterior> decoder;
  const Posterior& for_decoder() const { return decoder ? *decoder : kl; }
};

/// What a penalty or an extra loss term may look at; all of the batch under way.
struct LossTerms {
  torch::Tensor x;          ///< [T+1, B] int64, words by core/special_words.h, or images [B, C, H, W] in [0, 1]
  PosteriorPair posterior;  ///< [B, d]
  torch::Tensor z;          ///< [B, d]
  /// [B] -log p(x|z), nats. With trainer.accumulate a loss that depends on it is refused: the examples are decoded one
  /// micro-batch after the other.
  torch::Tensor rec;
  torch::Tensor kl;  ///< [B, d] raw KL of posterior.kl
};

/// The model, asked again about the batch under way, one more pass each; gradients reach encoder and decoder.
class BatchModel {
 public:
  virtual ~BatchModel() = default;
  /// [B] -log p(x|z), nats, for z [B, d]; dropout and the words fed are drawn anew.
  virtual torch::Tensor rec(const torch::Tensor& z) = 0;
  /// Of text: what the softmax layer reads for each of the N predicted words, [N, h], always in the same order; dropout
  /// and the words fed are drawn anew. Throws UsageError where the decoder has none.
  virtual torch::Tensor states(const torch::Tensor& z) = 0;
  /// Of images: the posterior, as the remedy makes it, of the expected image of each z [B, d]. Throws UsageError where
  /// the decoder's pixels are not independent given z.
  virtual Posterior encode_expected(const torch::Tensor& z) = 0;
  virtual std::vector<torch::Tensor> decoder_parameters() const = 0;
};

/// What one training batch showed, for the analytic floors: the raw outputs the transform saw and the posterior it
/// made.
struct BatchState {
  RawPosterior raw;
  Posterior posterior;
};

/// Epoch-level numbers a stateful remedy may steer by: "<split>/<metric>", e.g. "valid/mi", "train/kl".
using Metrics = std::map<std::string, double>;

/// One remedy against KL vanishing. Every hook has a default that does nothing; a remedy overrides what it changes.
/// Two parts of a composition that override the same exclusive hook are refused. Hooks are called in one order, however
/// the YAML lists the parts: the one that makes the posterior first, the others by key; kl_weight and rec_weight
/// multiply, extra_loss and model_loss add.
///
/// It is a torch Module: parameters are trained with the encoder's and decoder's (group `own`), parameters and buffers
/// are in checkpoints by themselves; other state goes through save_state / load_state, so that a resumed cell goes on
/// bit for bit.
class Regularizer : public torch::nn::Module {
 public:
  /// Raw outputs -> posterior; `posterior` is N(raw.mu, exp(raw.scale)), i.e. scale read as the log variance. Shapes
  /// [B, d] stay. Exclusive (role "posterior").
  virtual PosteriorPair transform(const RawPosterior& /*raw*/, PosteriorPair posterior, const Progress& /*progress*/) {
    return posterior;
  }

  /// Moves the posterior by what the model says of the batch, in training and evaluations (not in Mode::collect), where
  /// it must not depend on the other examples and finds gradients off. The model outlives the step's backward pass.
  /// Exclusive with transform; refused with trainer.accumulate.
  virtual PosteriorPair refine(PosteriorPair posterior, const std::shared_ptr<BatchModel>& /*model*/,
                               const Progress& /*progress*/) {
    return posterior;
  }

  /// Called before and after a pass in Mode::collect over the training split. To be overridden where transform depends
  /// on the other examples of a training batch: only then is the pass made, and batches of one example are refused.
  virtual void begin_statistics() {}
  virtual void end_statistics() {}

  /// Penalty before the weight, [B] nats; the default sums the raw KL over dimensions. What is penalised here is what
  /// kl_weight (annealing) weighs, terms on the aggregated posterior included. Exclusive.
  virtual torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) { return terms.kl.sum(1); }

  /// Factor on the penalty at this step; called once a training step, before the loss. May be stateful and may use the
  /// batch's own numbers ("batch/kl", "batch/kl_penalised" and "batch/rec" of the previous step) and the last epoch's.
  /// Exclusive
  /// ("kl_weight") unless the spec says in `replaces` that it only sets the final strength ("kl_scale").
  virtual double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) { return 1.0; }

  /// Factor on the reconstruction term at this step; called once a training step after kl_weight, with the same
  /// numbers. loss = rec_weight * mean_B(rec) + kl_weight * mean_B(kl_penalty) + extra_loss + model_loss. Exclusive.
  virtual double rec_weight(const Progress& /*progress*/, const Metrics& /*last*/) { return 1.0; }

  /// A scalar added to the training loss (mean over the batch); undefined tensor: nothing.
  virtual torch::Tensor extra_loss(const LossTerms& /*terms*/, const Progress& /*progress*/) { return {}; }

  /// As extra_loss, for a loss that encodes or decodes again: `model`. Refused with trainer.accumulate, which never
  /// holds the model of the whole batch.
  virtual torch::Tensor model_loss(const LossTerms& /*terms*/, BatchModel& /*model*/, const Progress& /*progress*/) {
    return {};
  }

  /// Replaces the optimisation step of the batch under way (context.batch()): calls context.update() as it likes.
  /// Exclusive. Returns false to leave the step to the trainer.
  virtual bool train_step(TrainContext& /*context*/) { return false; }
  /// Before each epoch, and again when a cell resumes within one: doing it twice must do no more than once.
  virtual void on_epoch_begin(TrainContext& /*context*/) {}
  /// After each evaluation; `last` has its metrics.
  virtual void on_epoch_end(TrainContext& /*context*/, const Metrics& /*last*/) {}

  /// The words the decoder is fed, [T, B] int64 (kPad: none; core/special_words.h), e.g. with some made kUnknown.
  virtual torch::Tensor decoder_input(torch::Tensor tokens, const Progress& /*progress*/) { return tokens; }
  /// True: z is concatenated to the decoder's output again before the softmax.
  virtual bool skip_decoder() const { return false; }
  /// How the encoder's states [T, B, h] become one vector: "last" (default), "mean" or "max". Exclusive.
  virtual std::string encoder_pooling() const { return "last"; }

  /// Analytic lower bound of mean_B KL_j for this batch, [d]; undefined: no bound is known. The trainer checks
  /// every batch against it (below_floor.h): it leaves room for the rounding of a collapsed batch far from 0.
  virtual torch::Tensor kl_floor(const BatchState& /*state*/) { return {}; }
  /// r_j = v_j / (v_j + eps) in [0, 1], [d] double: what eps leaves of the second moment that a normalisation promises,
  /// v_j being the variance of what it divides; undefined: nothing is normalised. Where r is far below 1, the floor is
  /// not in force, which the trainer says of the first steps.
  virtual torch::Tensor normalised_moment(const BatchState& /*state*/) { return {}; }
  /// kl_floor, summed over d dimensions, from the options alone: the dashed line in figures; NaN: none.
  virtual double kl_floor_nominal(std::int64_t /*d*/) const;

  /// Named tensors recorded at every evaluation, e.g. {"gamma_mu", [d]}.
  virtual std::map<std::string, torch::Tensor> diagnostics() { return {}; }

  /// Epochs after which the remedy's own schedule is complete: no model is selected, no learning rate decayed and no
  /// early stop made before. 0: there is none.
  virtual double schedule_epochs(const Progress& /*progress*/) const { return 0.0; }

  /// State beyond parameters and buffers.
  virtual void save_state(torch::serialize::OutputArchive& /*archive*/) const {}
  virtual void load_state(torch::serialize::InputArchive& /*archive*/) {}
};

}  // namespace klbench
