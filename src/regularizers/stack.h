#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/composition.h"
#include "regularizers/registry.h"

namespace klbench {

/// The parts of a composition behind the interface of one remedy.
class RegularizerStack : public Regularizer {
 public:
  /// Makes the parts by the registry; throws UsageError for unknown keys, bad options and parts that exclude each
  /// other.
  RegularizerStack(const std::vector<Part>& parts, const ModelFacts& model);

  /// Posterior of raw outputs through all parts.
  PosteriorPair posterior(const RawPosterior& raw, const Progress& progress);
  /// Some part overrides begin_statistics or end_statistics.
  bool uses_batch_statistics() const;
  // Every hook of Regularizer, chained.
  PosteriorPair transform(const RawPosterior& raw, PosteriorPair posterior, const Progress& progress) override;
  PosteriorPair refine(PosteriorPair posterior, const std::shared_ptr<BatchModel>& model,
                       const Progress& progress) override;
  void begin_statistics() override;
  void end_statistics() override;
  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& progress) override;
  double kl_weight(const Progress& progress, const Metrics& last) override;
  double rec_weight(const Progress& progress, const Metrics& last) override;
  torch::Tensor extra_loss(const LossTerms& terms, const Progress& progress) override;
  torch::Tensor model_loss(const LossTerms& terms, BatchModel& model, const Progress& progress) override;
  bool train_step(TrainContext& context) override;
  void on_epoch_begin(TrainContext& context) override;
  void on_epoch_end(TrainContext& context, const Metrics& last) override;
  torch::Tensor decoder_input(torch::Tensor tokens, const Progress& progress) override;
  bool skip_decoder() const override;
  std::string encoder_pooling() const override;
  torch::Tensor kl_floor(const BatchState& state) override;
  torch::Tensor normalised_moment(const BatchState& state) override;
  double kl_floor_nominal(std::int64_t d) const override;
  std::map<std::string, torch::Tensor> diagnostics() override;  ///< named "<key>.<name>"
  double schedule_epochs(const Progress& progress) const override;
  void save_state(torch::serialize::OutputArchive& archive) const override;
  void load_state(torch::serialize::InputArchive& archive) override;

 private:
  struct Named {
    std::string key;
    Hooks hooks;
    std::shared_ptr<Regularizer> part;
  };
  std::vector<Named> parts_;
};

}  // namespace klbench
