#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace klbench::nn {

/// B sequences without their padding, time first: N entries, at step t those of the active[t] sequences that go on.
/// What has ended takes no work. Within a step the longest sequence comes first, equal ones in the order given.
class Packing {
 public:
  /// lengths [B] int64; throws Error where one is below 1.
  explicit Packing(const torch::Tensor& lengths);
  /// `sequences` sequences of `steps` steps each.
  Packing(std::int64_t steps, std::int64_t sequences);

  const std::vector<std::int64_t>& active() const { return active_; }  ///< [T], falling
  std::int64_t steps() const { return static_cast<std::int64_t>(active_.size()); }
  std::int64_t sequences() const { return active_.empty() ? 0 : active_[0]; }
  /// Without padding the packed layout is [T, B] itself.
  bool is_full() const { return active_.empty() || active_.back() == active_[0]; }

  /// [T, B, ...] -> [N, ...]
  torch::Tensor pack(const torch::Tensor& padded) const;
  /// [N, ...] -> [T, B, ...], `fill` where there is no entry.
  torch::Tensor unpack(const torch::Tensor& packed, double fill) const;
  /// Rows of sequences in the order they have within a step, and back; [B, ...] or undefined.
  torch::Tensor in_order(const torch::Tensor& rows) const;
  torch::Tensor as_given(const torch::Tensor& rows) const;

  /// Which sequence each entry belongs to, [N] int64.
  torch::Tensor sequence() const;
  /// The entry that each sequence ends with, [B] int64.
  torch::Tensor last() const;

 private:
  torch::Tensor places() const;  ///< of each entry in [T B], [N] int64

  std::vector<std::int64_t> active_;
  std::vector<std::int64_t> order_;  ///< sequences, longest first; empty: as given
  torch::Tensor places_;
};

}  // namespace klbench::nn
