#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "metrics/estimate.h"

namespace klbench {

/// A derangement: whose z each example gets, never its own; random cycles of examples of one length, where a length
/// that occurs once joins the cycle of the next longer one (the longest: of the next shorter). A function of the
/// lengths and the seed. Empty for fewer than two examples.
std::vector<std::int64_t> length_derangement(const std::vector<std::int64_t>& lengths, std::uint64_t seed);

/// Mean of rec with swapped z minus rec with the own z, nats: what the decoder loses without its own z; its error is
/// the paired one over examples.
Estimate swap_gap(const torch::Tensor& rec_swapped, const torch::Tensor& rec);

/// Dimensions that the decoder uses by themselves.
struct DecoderUse {
  torch::Tensor gap;        ///< [d] mean rise of rec when dimension j alone is swapped, nats, float64
  torch::Tensor error;      ///< [d] paired standard error of gap
  std::int64_t active = 0;  ///< number of j with gap > 0.01 nats and gap > 3 standard errors
};
/// From rec_swapped [d, n] (dimension j swapped) and rec [n].
DecoderUse decoder_use(const torch::Tensor& rec_swapped, const torch::Tensor& rec);

}  // namespace klbench
