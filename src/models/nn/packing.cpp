#include "models/nn/packing.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace klbench::nn {

Packing::Packing(const torch::Tensor& lengths) {
  const auto on_cpu = lengths.cpu().contiguous();
  const auto count = static_cast<std::size_t>(on_cpu.numel());
  const std::vector<std::int64_t> length(on_cpu.data_ptr<std::int64_t>(), on_cpu.data_ptr<std::int64_t>() + count);
  const auto longer = [&](std::int64_t a, std::int64_t b) {
    return length[static_cast<std::size_t>(a)] > length[static_cast<std::size_t>(b)];
  };
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), longer);
  if (std::is_sorted(order_.begin(), order_.end())) order_.clear();
  const auto longest = count > 0 ? *std::max_element(length.begin(), length.end()) : 0;
  active_.resize(static_cast<std::size_t>(longest), 0);
  for (const auto steps : length) {
    if (steps < 1) throw Error("an empty sequence cannot be packed");
    for (std::int64_t t = 0; t < steps; ++t) ++active_[static_cast<std::size_t>(t)];
  }
  places_ = places();
}

Packing::Packing(std::int64_t steps, std::int64_t sequences)
    : active_(static_cast<std::size_t>(steps), sequences), places_(torch::arange(steps * sequences)) {}

torch::Tensor Packing::places() const {
  std::vector<std::int64_t> places;
  for (std::size_t t = 0; t < active_.size(); ++t) {
    const auto begin = static_cast<std::int64_t>(t) * sequences();
    for (std::int64_t i = 0; i < active_[t]; ++i) {
      places.push_back(begin + (order_.empty() ? i : order_[static_cast<std::size_t>(i)]));
    }
  }
  return torch::tensor(places, torch::kInt64);
}

torch::Tensor Packing::pack(const torch::Tensor& padded) const {
  const auto rows = padded.flatten(0, 1);
  return is_full() ? rows : rows.index_select(0, places_.to(padded.device()));
}

torch::Tensor Packing::unpack(const torch::Tensor& packed, double fill) const {
  auto flat = packed.sizes().vec();
  flat[0] = sequences();
  flat.insert(flat.begin(), steps());
  if (is_full()) return packed.view(flat);
  const auto padded = torch::full(flat, fill, packed.options());
  return padded.flatten(0, 1).index_copy(0, places_.to(packed.device()), packed).view(flat);
}

torch::Tensor Packing::in_order(const torch::Tensor& rows) const {
  if (order_.empty() || !rows.defined()) return rows;
  return rows.index_select(0, torch::tensor(order_, torch::kInt64).to(rows.device()));
}

torch::Tensor Packing::as_given(const torch::Tensor& rows) const {
  if (order_.empty() || !rows.defined()) return rows;
  return rows.index_select(0, torch::tensor(order_, torch::kInt64).argsort().to(rows.device()));
}

torch::Tensor Packing::sequence() const { return places_.remainder(std::max<std::int64_t>(1, sequences())); }

torch::Tensor Packing::last() const {
  auto ends = torch::empty({sequences()}, torch::kInt64);
  std::int64_t begin = 0;
  for (const auto active : active_) {
    ends.slice(0, 0, active).copy_(torch::arange(begin, begin + active));
    begin += active;
  }
  return as_given(ends);
}

}  // namespace klbench::nn
