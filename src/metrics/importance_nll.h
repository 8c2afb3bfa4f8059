#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "latent/posterior.h"
#include "metrics/split_pass.h"

namespace klbench {

/// log p(x|z), nats: columns [b] int64 says which sentences of the batch, z [S, b, d] -> [S, b] on the CPU.
using LogLikelihood = std::function<torch::Tensor(const torch::Tensor& columns, const torch::Tensor& z)>;

/// log p(z), nats; [..., d] -> [...] float64 on the CPU.
using LogPrior = std::function<torch::Tensor(const torch::Tensor& z)>;

/// How many importance samples a sentence gets.
struct ImportanceOptions {
  std::vector<std::int64_t> rounds{500};  ///< increasing sample counts; sampling may stop after any, the last is K
  double tolerance = 0;                   ///< nats; 0: every sentence takes K samples
  std::uint64_t seed = 0;
  LogPrior log_prior = [](const torch::Tensor& z) { return klbench::log_prior(z); };
  std::int64_t rows_at_once = 4096;  ///< largest S * b of one call of the likelihood
};

/// Rounds 16, 32, 64, ... and K when a tolerance is set, else K alone.
std::vector<std::int64_t> importance_rounds(std::int64_t samples, double tolerance);

/// What importance sampling found, one entry a sentence; float64 but for the count.
struct ImportanceNll {
  torch::Tensor nll;       ///< [B] upper bound of -log p(x), nats
  torch::Tensor ess;       ///< [B] effective sample size (sum w)^2 / sum w^2
  torch::Tensor error;     ///< [B] standard error of nll by the delta method, nats
  torch::Tensor samples;   ///< [B] int64, samples used
  torch::Tensor by_round;  ///< [rounds, B] nll after each round (the last one reached where a sentence stopped early)
  torch::Tensor error_by_round;  ///< [rounds, B] error of by_round
};

/// Importance-weighted bound (Burda et al. 2016): nll = -log 1/S sum_s w_s, w_s = p(x|z_s) p(z_s) / q(z_s|x), z_s ~ q,
/// for a batch of posteriors [B, d]. With a tolerance, a sentence stops after the first round in which the standard
/// error of its log-mean-exp, sqrt((S / ESS - 1) / (S - 1)), is below it.
/// A sentence's noise depends on (seed, its entry in `rows`) alone, so batching does not change its result.
ImportanceNll importance_nll(const Posterior& q, const std::vector<std::int64_t>& rows, const LogLikelihood& log_p,
                             const ImportanceOptions& options);

/// The same for rows of a split, entries in the order of `rows`. Memory is bounded by reconstruct_in_chunks.
ImportanceNll importance_nll(Vae& model, const Split& split, const std::vector<std::int64_t>& rows,
                             const std::vector<std::int64_t>& rounds, const EvaluationOptions& options);

}  // namespace klbench
