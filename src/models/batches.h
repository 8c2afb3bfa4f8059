#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "models/batch.h"

namespace klbench {

enum class Batching { iid, bucketed, equal_length };
Batching batching_from(const std::string& name);

/// A remainder of fewer examples than this joins its neighbour: batch statistics of a handful say little.
inline std::int64_t least_remainder(std::int64_t batch_size) { return batch_size < 8 ? batch_size : 8; }

/// `rows` cut into batches of batch_size; a remainder below least_remainder joins the batch before it.
std::vector<std::vector<std::int64_t>> cut_rows(const std::vector<std::int64_t>& rows, std::int64_t batch_size);

/// Which rows make which batch of `batch_size`; a remainder below least_remainder joins its neighbour.
///   iid           a permutation of the split, cut; a new one for every seed
///   bucketed      sorted by length (ties shuffled by `seed`), cut: neighbouring lengths together
///   equal_length  sorted likewise, cut so that a batch holds one length; single sentences join a neighbour
class BatchList {
 public:
  BatchList(const Split& split, std::int64_t batch_size, Batching batching, std::uint64_t seed);
  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  const std::vector<std::int64_t>& rows(std::int64_t index) const { return rows_[static_cast<std::size_t>(index)]; }

 private:
  std::vector<std::vector<std::int64_t>> rows_;
};

/// The batch of the given rows of a split. `noise`: seed of what is drawn anew for every batch (Images::drawn_anew);
/// what an example draws is a function of it and of its row.
Batch make_batch(const Split& split, const std::vector<std::int64_t>& rows, std::uint64_t noise = 0);

}  // namespace klbench
