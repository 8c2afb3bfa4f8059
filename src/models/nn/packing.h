#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace klbench::nn {

/// B sequences without their padding, time first: N entries, at step t those of the active[t] sequences that go on.
/// What has ended takes no work. Within a step the longest sequence comes first, equal ones in the order given.
class Packing {
 public:
  /// lengths [B] int64, on the CPU, of sequences on `device`; throws Error where one is below 1.
  explicit Packing(const torch::Tensor& lengths, const torch::Device& device = torch::kCPU);
  /// `sequences` sequences of `steps` steps each.
  Packing(std::int64_t steps, std::int64_t sequences, const torch::Device& device);

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
  torch::Tensor sequence() const { return places_.remainder(std::max<std::int64_t>(1, sequences())); }
  /// The entry that each sequence ends with, [B] int64.
  const torch::Tensor& last() const { return last_; }

 private:
  std::vector<std::int64_t> active_;
  torch::Tensor places_;         ///< of each entry in [T B], [N] int64, on the device as the others
  torch::Tensor last_;           ///< [B] int64
  torch::Tensor order_, ranks_;  ///< sequences, longest first, and where each stands so; undefined: as given
};

}  // namespace klbench::nn
