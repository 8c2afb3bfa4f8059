#pragma once

#include <torch/torch.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "core/rng.h"
#include "metrics/evaluate.h"
#include "models/batches.h"
#include "models/vae.h"
#include "training/divergence.h"
#include "training/floor_check.h"
#include "training/optimizer.h"
#include "training/options.h"
#include "training/tensor_file.h"
#include "training/weights.h"

namespace klbench {

/// Trains one model: batches, steps, evaluations. Every random number is a function of (seed, step), so the state to
/// carry over an interruption is weights, moments and counters only.
class Trainer : public TrainContext {
 public:
  Trainer(const CellConfig& config, std::shared_ptr<const Dataset> data);

  /// Goes on with the epoch under way until its end (true) or until `after_step` returns false (false).
  /// Throws Diverged.
  bool train_epoch(const std::function<bool()>& after_step);
  /// All planned steps are done.
  bool finished() const { return progress_.step >= planned_steps_; }
  /// Means over the epoch under way or just trained (NaN before its first step): loss, rec, kl, kl_penalised (where it
  /// is of another posterior), kl_weight, grad_norm, floor (of the batches that have one); lr.
  std::map<std::string, double> epoch_means() const;
  /// "batch_mu_mean", "batch_second_moment" [d]: means over the epoch's batches of mean_B mu_j and
  /// mean_B (mu_j^2 + sigma_j^2); and the remedy's own diagnostics.
  std::map<std::string, std::vector<double>> epoch_diagnostics();
  /// Tells the remedy the numbers of the epoch.
  void tell_remedy(const Metrics& numbers);

  /// Population statistics of BN remedies over the training split at the present weights; before every evaluation.
  void gather_statistics();
  /// evaluation_options, where training stands.
  EvaluationOptions evaluation(bool with_nll, Progress::Mode mode = Progress::Mode::eval) const;
  /// From now on evaluations end once `stop` is true.
  void stop_evaluations_by(const std::atomic<bool>& stop) { evaluation_.stop = &stop; }

  /// Epochs until the remedy's own schedule is complete.
  double schedule_epochs() const;
  bool schedule_complete() const { return progress_.epochs_done() >= schedule_epochs(); }
  /// Tokens, or images.
  std::int64_t tokens_seen() const { return tokens_seen_; }
  const TrainerOptions& options() const { return options_; }
  const FloorCheck& floors() const { return floors_; }
  /// Mean over dimensions and the first 10 steps of what normalisation leaves (Regularizer::normalised_moment); NaN
  /// where nothing is normalised.
  double first_normalised_moment() const { return first_moment_sum_ / static_cast<double>(first_moments_); }
  /// Time spent on floor checks and moments of batches since the trainer was made.
  double diagnostics_seconds() const { return diagnostics_seconds_; }
  Optimizer& optimizer() { return *optimizer_; }
  Vae& model() { return model_; }

  std::map<std::string, torch::Tensor> weights() const { return copy_weights(*model_); }
  void set_weights(const std::map<std::string, torch::Tensor>& weights) { klbench::set_weights(*model_, weights); }

  /// Everything training continues from, bit for bit.
  void save(TensorFile& file) const;
  void load(const TensorFile& file);

  // TrainContext
  const Progress& progress() const override { return progress_; }
  std::int64_t batch() const override { return batch_; }
  std::int64_t random_batch() override;
  Loss update(std::int64_t index, unsigned groups, double kl_scale) override;
  void reset_parameters(ParameterGroup group) override;
  void freeze(ParameterGroup group, bool frozen) override;
  double valid_mi() override;

 private:
  /// Sums over the batches of the epoch under way.
  struct EpochSums {
    double loss = 0, rec = 0, kl = 0, kl_penalised = 0, kl_weight = 0, grad_norm = 0;
    double floor = 0;  ///< of the batches that have one
    std::int64_t examples = 0, batches = 0, floor_batches = 0;
    torch::Tensor mu_mean, second_moment;  ///< [d] float64, on the device
  };
  /// Scalars of a forward pass, on the device; those that a model lacks are undefined.
  struct Forward {
    torch::Tensor total{}, rec{};
    torch::Tensor kl{}, kl_penalised{};  ///< kl_penalised only where it is another
    torch::Tensor floor{};               ///< FloorCheck::measure
    torch::Tensor moment{};              ///< mean over dimensions of normalised_moment, of the first steps
    std::int64_t examples = 0, tokens = 0;
  };
  /// What a pass found, and the norm of the gradients that it left.
  struct Pass {
    Loss loss;
    double gradient_norm = 0;
  };

  /// Draws the batches of the epoch under way, where they are not those that stand.
  void make_steps();
  const std::vector<std::int64_t>& step_rows(std::int64_t index) const;
  /// Its noise (make_batch) is of the step under way.
  Batch batch_of(const std::vector<std::int64_t>& rows) const;
  /// Forward pass over step `index`, and its gradients.
  Pass pass(std::int64_t index, double kl_scale);
  /// The numbers of a pass, of which all wait for the device once; counts floor and moment.
  Pass read(const Forward& forward);
  Forward forward(const Batch& batch, double kl_scale);
  Forward latent_forward(const Batch& batch, double kl_scale);
  /// kl_weight * mean penalty + extra loss.
  torch::Tensor latent_loss(const LossTerms& terms, double kl_scale);
  /// pass() in the memory of one micro-batch (trainer_accumulate.cpp).
  Pass accumulated_pass(const std::vector<std::int64_t>& rows, double kl_scale);
  /// Sums moments of the posterior and leaves KL, floor and moment in `forward`.
  void observe(const PosteriorPair& posterior, const VaeImpl::Latent& latent, const RawPosterior& raw,
               Forward& forward);
  void step(std::int64_t index);
  void set_trainable();
  template <class Self, class Floors, class Visit>
  static void each_number(Self& self, Floors& floors, const Visit& visit);

  const TrainerOptions options_;
  EvaluationOptions evaluation_;
  std::shared_ptr<const Dataset> data_;
  const Split& train_;
  std::uint64_t seed_;
  torch::Device device_;
  std::vector<std::vector<std::int64_t>> steps_;  ///< rows of every step of the epoch under way
  std::uint64_t steps_epoch_ = 0;                 ///< what they were drawn for; 0 where every epoch has the same
  Vae model_;
  std::unique_ptr<Optimizer> optimizer_;
  Progress progress_;
  std::int64_t planned_steps_ = 0;
  std::vector<std::int64_t> order_;

  std::int64_t batch_ = 0;
  Rng batch_rng_;
  double kl_weight_ = 1;
  double rec_weight_ = 1;
  std::int64_t frozen_ = 0;  ///< bits of ParameterGroup
  Metrics last_;
  Loss last_loss_;
  EpochSums sums_;
  FloorCheck floors_;
  std::int64_t tokens_seen_ = 0;
  double diagnostics_seconds_ = 0;
  double first_moment_sum_ = 0;  ///< of the mean r over the passes of the first steps
  std::int64_t first_moments_ = 0;
};

}  // namespace klbench
