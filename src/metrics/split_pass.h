#pragma once

#include <torch/torch.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "models/batches.h"
#include "models/vae.h"

namespace klbench {

/// One pass over a split at fixed weights: everything the metrics share. Rows in the order of the data, on the CPU.
/// Without a latent variable: rec and tokens only.
struct SplitPass {
  Posterior decoder_posterior;  ///< [N, d], the posterior that feeds the decoder
  torch::Tensor mu;             ///< [N, d], a point that stands for it: E[z|x] where there is a closed form
  torch::Tensor z;              ///< [N, d], one sample per x
  torch::Tensor kl_dim;         ///< [N, d] raw KL of decoder_posterior, nats; [N, 1] where it does not factorise
  torch::Tensor kl_penalised;   ///< [N] raw KL of the posterior that is penalised, nats; undefined: the same one
  torch::Tensor rec;            ///< [N] -log p(x|z), nats, summed over tokens or pixels
  torch::Tensor tokens;         ///< [N] predicted tokens, int64; of images undefined
};

/// How an evaluation is made. `seed` makes its own generator: evaluating never touches the training's random state.
struct EvaluationOptions {
  std::uint64_t seed = 0;
  std::int64_t batch_size = 64;
  std::int64_t mi_samples = 8;                      ///< draws of z a sentence for mi
  std::int64_t nll_samples = 500;                   ///< K
  std::int64_t nll_examples = 0;                    ///< 0: the whole split
  double nll_tolerance = 0;                         ///< nats; 0: every sentence takes K samples
  bool with_nll = true;                             ///< nll, ppl, rate_used, and what else is too dear for every epoch
  std::set<std::string> asked{};                    ///< options of the study that are true, "eval.probe", ...
  const std::atomic<bool>* stop = nullptr;          ///< once it is true: EvaluationStopped
  Progress progress{.mode = Progress::Mode::eval};  ///< mode eval or eval_running
};

/// An evaluation was told to end (EvaluationOptions::stop).
struct EvaluationStopped : Error {
  EvaluationStopped() : Error("the evaluation was stopped") {}
};
void check_stop(const EvaluationOptions& options);

/// No gradients and no training mode while it lasts; the modules' own modes come back afterwards.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& model);
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;
  ~EvaluationMode();

 private:
  torch::NoGradGuard no_grad_;
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> modes_;
};

/// Where the model's weights are.
torch::Device device_of(torch::nn::Module& model);

/// The given rows of a split (all, if none are given) cut into batches of neighbouring lengths, ties in the order of
/// the data.
std::vector<std::vector<std::int64_t>> length_batches(const Split& split, std::int64_t batch_size);
std::vector<std::vector<std::int64_t>> length_batches(const Split& split, std::vector<std::int64_t> rows,
                                                      std::int64_t batch_size);

/// `count` of the rows 0 .. size-1 in ascending order (all, if count is 0 or no less than size): always the same ones,
/// and the smaller subset lies in the larger.
std::vector<std::int64_t> fixed_subset(std::int64_t size, std::int64_t count);

/// [N] Split::length: words of each sentence, without start and end symbols; zeros for images.
torch::Tensor lengths_of(const Split& split);

/// Encodes the split and draws one z per x: decoder_posterior, z and kl_dim of pass_over, without running the decoder.
/// Throws Error when options.progress is a training mode.
SplitPass encode_over(Vae& model, const Split& split, const EvaluationOptions& options);

/// Where the family's own parameters are; the CPU where it has none.
torch::Device device_of(const PosteriorFamily& family);

/// [S, N, d], S = options.mi_samples: the pass's z and further draws, a function of the seed.
torch::Tensor latent_draws(const SplitPass& pass, const EvaluationOptions& options);

/// [N] -log p(x|z), nats, for given z [N, d] (undefined without a latent variable). Throws as encode_over.
torch::Tensor reconstruct_over(Vae& model, const Split& split, const torch::Tensor& z,
                               const EvaluationOptions& options);

/// encode_over, then reconstruct_over from its z.
SplitPass pass_over(Vae& model, const Split& split, const EvaluationOptions& options);

/// [S, B] -log p(x|z_s), nats, for z [S, B, d], on the CPU; as many samples at a time as keep the decoder's memory
/// bounded. `batch` is on the model's device.
torch::Tensor reconstruct_in_chunks(Vae& model, const Batch& batch, const torch::Tensor& z);

}  // namespace klbench
