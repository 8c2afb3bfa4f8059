#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "metrics/split_pass.h"
#include "metrics/swap.h"

namespace klbench {

inline constexpr const char* kSwapped =
    "z of another example, of sentences one of the same length (of the next one where a length is alone)";

/// The row whose z each of `rows` gets: length_derangement (swap.h) among these rows of a split.
std::vector<std::int64_t> swap_partners(const Split& split, const std::vector<std::int64_t>& rows, std::uint64_t seed);

/// decoder_use (swap.h) measured on the given rows of a split: for each dimension j, z_j alone is taken from another of
/// these rows (swap_partners) and the rows are reconstructed again. `z` is [N, d] of the whole split.
DecoderUse measure_decoder_use(Vae& model, const Split& split, const std::vector<std::int64_t>& rows,
                               const torch::Tensor& z, const EvaluationOptions& options);

}  // namespace klbench
