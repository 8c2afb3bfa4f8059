// Hand-made posteriors and sentences that the metric tests share.
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/rng.h"
#include "data/dataset.h"
#include "latent/posterior.h"
#include "metrics/estimate.h"
#include "metrics/mi.h"
#include "metrics/noise.h"

namespace klbench::testing {

/// n random diagonal Gaussians in d dimensions; means of scale `spread`, log variances around `log_var`.
inline Posterior random_posterior(std::int64_t n, std::int64_t d, double spread, double log_var, std::uint64_t seed) {
  return {normal_noise({n, d}, seed) * spread + 0.3, normal_noise({n, d}, seed + 1) * 0.5 + log_var};
}

inline torch::Tensor one_sample(const Posterior& q, std::uint64_t seed) {
  return gaussian_family().sample(q, normal_noise(q.mu.sizes(), seed));
}

/// mi as evaluations have it, of draws z [S, N, d] or of one [N, d].
inline double mean_mi(const Posterior& q, const torch::Tensor& z) {
  return over_draws(mutual_information_terms(q, z.dim() == 3 ? z : z.unsqueeze(0))).value;
}

/// A Gaussian in the guise of a family of its own: what holds for gaussian_family() must hold through the interface.
class DisguisedGaussian : public PosteriorFamily {
 public:
  torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const override {
    return gaussian_family().sample(q, noise);
  }
  torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const override {
    return gaussian_family().log_q(q, z);
  }
  torch::Tensor kl(const Posterior& q) const override { return gaussian_family().kl(q); }
};

/// Sentences of the given words, labels 0.
inline Sentences sentences_of(const std::vector<std::vector<std::int32_t>>& lines) {
  Sentences sentences;
  for (const auto& line : lines) {
    sentences.tokens.insert(sentences.tokens.end(), line.begin(), line.end());
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
    sentences.labels.push_back(0);
  }
  return sentences;
}

/// `count` sentences of 1 to 7 random words out of a vocabulary of 30, labels 0 to 2.
inline Sentences random_sentences(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::vector<std::int32_t>> lines(static_cast<std::size_t>(count));
  for (auto& line : lines) {
    line.resize(1 + uniform_below(rng, 7));
    for (auto& word : line) word = static_cast<std::int32_t>(4 + uniform_below(rng, 26));
  }
  auto sentences = sentences_of(lines);
  for (auto& label : sentences.labels) label = static_cast<std::int32_t>(uniform_below(rng, 3));
  return sentences;
}

}  // namespace klbench::testing
