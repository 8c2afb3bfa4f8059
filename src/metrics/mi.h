#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "latent/posterior.h"

namespace klbench {

/// log q(z_i | x_j), nats, for every point of `z` [n, d] and every posterior of `q` [N, d]: blocks of an [n, N] matrix
/// in float64. Gaussians are one matrix product, -1/2 sum_j (z^2 w - 2 z mu w) + const with w = 1/sigma^2, centred at
/// the mean of mu so that nothing cancels; other families go through log_q.
class PairwiseLogQ {
 public:
  explicit PairwiseLogQ(const Posterior& q);
  /// [n, N]
  torch::Tensor operator()(const torch::Tensor& z) const;
  /// Rows of z that make a block which stays in the cache.
  std::int64_t block_rows() const;

 private:
  Posterior q_;             ///< float64
  torch::Tensor centre_;    ///< [d]
  torch::Tensor features_;  ///< [2d + 1, N] (Gaussian)
};

/// Mutual information of x and z under the aggregated posterior, nats: the mean over draws s and examples i of
///   log q(z_si|x_i) - log 1/N sum_j q(z_si|x_j),  z_si ~ q(z|x_i), in `z` [S, N, d],
/// the own component i = j kept. Each term is at most ln N; 0 at collapse. It has the expectation of calc_mi of the
/// code of Li et al. 2019 and Zhu et al. 2020, which has the entropy of q(z|x) in closed form and hence a larger
/// variance.
/// These are its terms [S, N]: independent of one another, as z is, so that over_draws (estimate.h) gives their mean
/// and its error.
torch::Tensor mutual_information_terms(const Posterior& q, const torch::Tensor& z);

/// mi of N examples is too near its cap ln N to be trusted: within 3 nats of it, where it was found to be 0.1 (d = 2)
/// to 0.3 nats (d = 32) too low (experiments/metric_validation), and ever more beyond.
bool mi_near_cap(double mi, std::int64_t examples);

/// The estimator of the public code of He et al. 2019, nats: within each batch the mean of -H(q(z|x)) in closed form
/// minus the mean of log q(z_i) aggregated over the batch, averaged over examples and draws. At most about ln B.
/// Families without an entropy in closed form use log q(z_i|x_i) instead. These are its terms [S, N] for z [S, N, d],
/// in the order of the examples.
torch::Tensor mutual_information_batch_terms(const Posterior& q, const torch::Tensor& z,
                                             const std::vector<std::vector<std::int64_t>>& batches);

}  // namespace klbench
