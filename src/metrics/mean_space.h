#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "metrics/split_pass.h"

namespace klbench {

/// Whether the figure shows evaluation `number` (from 1 on) of `count`: four evenly spread, first and last included.
bool is_mean_space_moment(std::int64_t number, std::int64_t count);

/// A grid of z for a latent space of one dimension.
struct LatentGrid {
  double low = -10;
  double high = 10;
  std::int64_t points = 401;
};

/// Mean of the model posterior p(z|x) ~ p(x|z) p(z) of each sentence of a batch, [B] float64, by the grid (He et al.
/// 2019, section 4). Throws Error unless latent_dim is 1.
torch::Tensor model_posterior_mean(Vae& model, const Batch& batch, const LatentGrid& grid = {});

/// (model posterior mean, approximate posterior mean) of at most `cap` sentences of a split, [n, 2] float64: one moment
/// of Fig. 2 of He et al. 2019.
torch::Tensor mean_space(Vae& model, const Split& split, std::int64_t cap, const EvaluationOptions& options);

}  // namespace klbench
