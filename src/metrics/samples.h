#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/split_pass.h"

namespace klbench {

/// Words of ids, separated by single spaces.
std::string sentence_text(const std::vector<std::int32_t>& ids, const std::vector<std::string>& words);

/// Ids of one sentence of a split of text.
std::vector<std::int32_t> sentence_of(const Split& split, std::int64_t row);

/// What the decoder makes of z [n, d]: word by word the likeliest (temperature 0) or sampled, at most `max_length`
/// words.
std::vector<std::vector<std::int32_t>> decode(Vae& model, const torch::Tensor& z, std::int64_t max_length,
                                              double temperature, std::uint64_t seed);

/// [count, d] draws of the model's prior.
torch::Tensor prior_draws(Vae& model, std::int64_t count, std::uint64_t seed);

/// Text of `count` draws of the prior, decoded at `temperature`.
std::vector<std::string> prior_samples(Vae& model, const std::vector<std::string>& words, std::int64_t count,
                                       std::int64_t max_length, double temperature, std::uint64_t seed);

/// Greedy text at `steps` >= 2 equidistant points of the way between two latents [d], ends included.
std::vector<std::string> interpolation(Vae& model, const std::vector<std::string>& words, const torch::Tensor& from,
                                       const torch::Tensor& to, std::int64_t steps, std::int64_t max_length);

}  // namespace klbench
