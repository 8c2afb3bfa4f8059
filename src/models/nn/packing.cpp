#include "models/nn/packing.h"

#include <numeric>

#include "core/error.h"
#include "models/on_device.h"

namespace klbench::nn {

// All that a card reads goes there in one piece.
Packing::Packing(const torch::Tensor& lengths, const torch::Device& device) {
  const auto values = lengths.contiguous();
  const auto count = values.numel();
  const auto* length = values.data_ptr<std::int64_t>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return length[a] > length[b]; });
  if (count > 0 && length[order.back()] < 1) throw Error("an empty sequence cannot be packed");
  active_.resize(static_cast<std::size_t>(count > 0 ? length[order.front()] : 0), 0);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t t = 0; t < length[i]; ++t) ++active_[static_cast<std::size_t>(t)];
  std::vector<std::int64_t> table, last(order.size()), ranks(order.size());
  for (std::size_t t = 0; t < active_.size(); ++t) {
    for (std::int64_t i = 0; i < active_[t]; ++i) {
      const auto sequence = order[static_cast<std::size_t>(i)];
      last[static_cast<std::size_t>(sequence)] = static_cast<std::int64_t>(table.size());
      table.push_back(static_cast<std::int64_t>(t) * count + sequence);
    }
  }
  for (std::int64_t i = 0; i < count; ++i) ranks[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
  const auto entries = static_cast<std::int64_t>(table.size());
  const bool as_given = std::is_sorted(order.begin(), order.end());
  for (const auto* part : {&last, &order, &ranks}) table.insert(table.end(), part->begin(), part->end());
  const auto parts = on(device, torch::tensor(table, torch::kInt64)).split_with_sizes({entries, count, count, count});
  places_ = parts[0];
  last_ = parts[1];
  if (!as_given) order_ = parts[2], ranks_ = parts[3];
}

Packing::Packing(std::int64_t steps, std::int64_t sequences, const torch::Device& device)
    : active_(static_cast<std::size_t>(steps), sequences),
      places_(torch::arange(steps * sequences, torch::TensorOptions(device).dtype(torch::kInt64))),
      last_(places_.slice(0, std::max<std::int64_t>(0, steps - 1) * sequences)) {}

torch::Tensor Packing::pack(const torch::Tensor& padded) const {
  const auto rows = padded.flatten(0, 1);
  return is_full() ? rows : rows.index_select(0, places_);
}

torch::Tensor Packing::unpack(const torch::Tensor& packed, double fill) const {
  auto flat = packed.sizes().vec();
  flat[0] = sequences();
  flat.insert(flat.begin(), steps());
  if (is_full()) return packed.view(flat);
  return torch::full(flat, fill, packed.options()).flatten(0, 1).index_copy(0, places_, packed).view(flat);
}

torch::Tensor Packing::in_order(const torch::Tensor& rows) const {
  return order_.defined() && rows.defined() ? rows.index_select(0, order_) : rows;
}

torch::Tensor Packing::as_given(const torch::Tensor& rows) const {
  return ranks_.defined() && rows.defined() ? rows.index_select(0, ranks_) : rows;
}

}  // namespace klbench::nn
