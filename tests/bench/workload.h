#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>

#include "models/vae.h"
#include "training/optimizer.h"

namespace klbench::bench {

/// Sizes of a text VAE and its batches of B sentences with T predicted tokens each.
struct Config {
  std::string name;
  std::int64_t vocabulary, embedding, hidden, steps, batch;
  std::int64_t latent = 32;

  std::int64_t tokens() const { return steps * batch; }
  /// Floating-point operations of one training step: three products (forward, two gradients) of 2 m n k for the word
  /// and recurrent weights of both LSTMs and the output layer; <s> x </s> makes the encoder one step longer.
  double training_flops() const;
  /// The same of scoring one sentence with `samples` samples: recurrence and output layer, one product each.
  double nll_flops(std::int64_t samples) const;
};

Config small_config();
Config paper_config();

/// How the work is done: "plain" (LibTorch's layers, clip_grad_norm_ and SGD), "f32" or "bf16" (the fast layers).
enum class Mode { plain, f32, bf16 };
Mode mode_from(const std::string& name);
std::string name_of(Mode mode);

/// A text VAE (plain ELBO) on fixed random sentences.
class Workload {
 public:
  Workload(const Config& config, Mode mode);
  /// Trains on this batch from now on.
  void set_batch(Batch batch) { batch_ = std::move(batch); }
  /// One optimiser step: forward, backward, clip by norm 5, SGD. Returns the loss.
  double train_step();
  /// The end of that step once more, with the gradients that it left; not in plain mode.
  void optimiser_step();
  /// Importance-weighted nll with `samples` samples of the first `sentences` sentences. The fast layers take all
  /// sentences and as many samples as fit at once; plain mode does as public code: one sentence, 100 samples at a time.
  /// Returns the mean, nats.
  double importance_nll(std::int64_t sentences, std::int64_t samples);
  const Config& config() const { return config_; }

 private:
  void enter() const;

  Config config_;
  Mode mode_;
  Vae model_{nullptr};
  std::unique_ptr<torch::optim::SGD> sgd_;  ///< plain mode
  std::unique_ptr<Optimizer> optimizer_;    ///< the others
  Batch batch_;
};

/// A VAE of 28 x 28 images (plain ELBO) with the encoder mlp and a decoder at its defaults, on fixed random images;
/// Adam.
class ImageWorkload {
 public:
  static constexpr std::int64_t kImages = 50;  ///< in a batch
  explicit ImageWorkload(const std::string& decoder);
  void train_step();

 private:
  Vae model_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
  Batch batch_;
};

/// Best f32 or bf16 matrix product of this CPU over the shapes of a training step, GFLOP/s.
double gemm_peak(bool bf16);

}  // namespace klbench::bench
