// What the tests of remedies share.
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "matrices.h"
#include "regularizers/registry.h"

namespace klbench::testing {

/// A remedy by key, as a cell makes it.
inline std::shared_ptr<Regularizer> make(const std::string& key, const std::map<std::string, Value>& options = {},
                                         std::int64_t latent_dim = 2) {
  const auto& entry = RegularizerRegistry::instance().find(key);
  return entry.make(Options(entry.spec, options), {.latent_dim = latent_dim, .vocabulary = 50});
}

/// Training step `step` of a run of 10 epochs of 100 steps.
inline Progress at_step(std::int64_t step, Progress::Mode mode = Progress::Mode::train) {
  return {.mode = mode, .epoch = step / 100, .step = step, .steps_per_epoch = 100, .epochs = 10};
}
/// The posteriors a remedy makes of raw outputs on its own.
inline PosteriorPair pair_of(Regularizer& remedy, const RawPosterior& raw, const Progress& progress) {
  return remedy.transform(raw, {{raw.mu, raw.scale}, std::nullopt}, progress);
}

/// The posterior of a remedy that makes one for both penalty and decoder.
inline Posterior posterior_of(Regularizer& remedy, const RawPosterior& raw, const Progress& progress) {
  const auto pair = pair_of(remedy, raw, progress);
  if (pair.decoder) throw std::logic_error("two posteriors: ask pair_of");
  return pair.kl;
}

/// Loss terms of a batch of which only the raw KL [B, d] is looked at.
inline LossTerms of_kl(const torch::Tensor& kl) {
  LossTerms terms;
  terms.kl = kl;
  return terms;
}

/// A model whose decoder is a matrix W [d, F]: -ln p(x|z) = 1/2 |tanh(z W) - x|^2, x [B, F]; it is encoded as it is.
class ToyModel : public BatchModel {
 public:
  torch::Tensor decoder, x;

  ToyModel(torch::Tensor weights, torch::Tensor examples) : decoder(std::move(weights)), x(std::move(examples)) {}
  torch::Tensor rec(const torch::Tensor& z) override {
    return 0.5 * (torch::tanh(z.matmul(decoder)) - x).square().sum(1);
  }
  torch::Tensor states(const torch::Tensor& z) override { return torch::dropout(z.matmul(decoder), 0.5, true); }
  Posterior encode_expected(const torch::Tensor& z) override { return {z.matmul(decoder), z}; }
  std::vector<torch::Tensor> decoder_parameters() const override { return {decoder}; }
};

/// A training loop that only takes notes: what a remedy asked of it, answered from scripted losses.
class FakeContext : public TrainContext {
 public:
  Progress now = at_step(0);
  std::vector<double> losses{1.0};  ///< total loss per example of the updates to come; the last one is repeated
  double mi = 1.0;
  std::int64_t tokens = 10;

  std::vector<std::pair<std::int64_t, unsigned>> updates;  ///< (batch, groups)
  std::vector<std::string> events;

  const Progress& progress() const override { return now; }
  std::int64_t batch() const override { return 7; }
  std::int64_t random_batch() override { return 100 + static_cast<std::int64_t>(updates.size()); }
  Loss update(std::int64_t index, unsigned groups, double /*kl_scale*/) override {
    const auto i = std::min(updates.size(), losses.size() - 1);
    updates.emplace_back(index, groups);
    return {.total = losses[i], .rec = losses[i], .kl = 0, .examples = 4, .tokens = tokens};
  }
  void reset_parameters(ParameterGroup group) override { events.push_back("reset " + std::to_string(group)); }
  void freeze(ParameterGroup group, bool frozen) override {
    events.push_back((frozen ? "freeze " : "thaw ") + std::to_string(group));
  }
  double valid_mi() override { return mi; }
};

}  // namespace klbench::testing
