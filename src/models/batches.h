#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace klbench {

/// A padded batch, time first.
struct Batch {
  torch::Tensor tokens;   ///< [T+1, B] int64: <s> w1 .. wn </s>, then <pad>
  torch::Tensor lengths;  ///< [B] int64: predicted tokens of each sentence (its words and </s>), at most T
  torch::Tensor rows;     ///< [B] int64: position in the split
  std::int64_t size() const { return tokens.size(1); }
  torch::Tensor inputs() const { return tokens.slice(0, 0, tokens.size(0) - 1); }  ///< [T, B]
  torch::Tensor targets() const { return tokens.slice(0, 1); }                     ///< [T, B]
  std::int64_t predicted_tokens() const { return lengths.sum().item<std::int64_t>(); }
  Batch to(const torch::Device& device) const { return {tokens.to(device), lengths.to(device), rows.to(device)}; }
};

enum class Batching { iid, bucketed, equal_length };
Batching batching_from(const std::string& name);

/// A remainder of fewer sentences than this joins its neighbour: batch statistics of a handful say little.
inline std::int64_t least_remainder(std::int64_t batch_size) { return batch_size < 8 ? batch_size : 8; }

/// `rows` cut into batches of batch_size; a remainder below least_remainder joins the batch before it.
std::vector<std::vector<std::int64_t>> cut_rows(const std::vector<std::int64_t>& rows, std::int64_t batch_size);

/// Which rows make which batch of `batch_size`; a remainder below least_remainder joins its neighbour.
///   iid           a permutation of the split, cut; a new one for every seed
///   bucketed      sorted by length (ties shuffled by `seed`), cut: neighbouring lengths together
///   equal_length  sorted likewise, cut so that a batch holds one length; single sentences join a neighbour
class BatchList {
 public:
  BatchList(const Sentences& sentences, std::int64_t batch_size, Batching batching, std::uint64_t seed);
  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  const std::vector<std::int64_t>& rows(std::int64_t index) const { return rows_[static_cast<std::size_t>(index)]; }

 private:
  std::vector<std::vector<std::int64_t>> rows_;
};

/// The batch of the given rows of a split.
Batch make_batch(const Sentences& sentences, const std::vector<std::int64_t>& rows);

}  // namespace klbench
