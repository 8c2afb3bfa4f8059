#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/on_device.h"

namespace klbench {

/// Some examples of a split: padded sentences, time first, or images.
struct Batch {
  torch::Tensor x;        ///< [T+1, B] int64: <s> w1 .. wn </s>, then <pad>; or [B, C, H, W] float: 0 black, 1 white;
                          ///< or, for encoders, [T+1, B, E] float: vectors in the place of words (Encoder::word_size)
  torch::Tensor lengths;  ///< [B] int64: predicted tokens of a sentence (its words and </s>), at most T; of images 0;
                          ///< always on the CPU, where packing reads them
  torch::Tensor rows;     ///< [B] int64: position in the split
  torch::Tensor fed{};    ///< [T, B] int64: words that the decoder is fed instead of those of x; undefined: those

  bool is_text() const { return x.dim() < 4; }
  std::int64_t size() const { return x.size(is_text() ? 1 : 0); }
  torch::Tensor inputs() const { return fed.defined() ? fed : x.slice(0, 0, x.size(0) - 1); }  ///< [T, B] of text
  torch::Tensor targets() const { return x.slice(0, 1); }                                      ///< [T, B] of text
  /// Predicted tokens, or images: what speeds count.
  std::int64_t units() const { return is_text() ? lengths.sum().item<std::int64_t>() : size(); }
  /// Predicted tokens with padding, or pixels: what memory is needed for.
  std::int64_t elements() const { return is_text() ? size() * (x.size(0) - 1) : x.numel(); }
  Batch to(const torch::Device& device) const { return {on(device, x), lengths, on(device, rows)}; }

  /// The examples at `columns` (int64), without the padding that only the others needed.
  Batch select(const torch::Tensor& columns) const {
    const auto where = on(x.device(), columns);
    const auto own = lengths.index_select(0, columns.cpu());
    const auto own_rows = rows.index_select(0, where);
    if (!is_text()) return {x.index_select(0, where), own, own_rows};
    const auto steps = own.max().item<std::int64_t>() + 1;
    return {x.slice(0, 0, steps).index_select(1, where), own, own_rows};
  }
};

}  // namespace klbench
