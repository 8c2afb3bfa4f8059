#include "models/batches.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"

namespace klbench {

namespace {

using Rows = std::vector<std::int64_t>;

Rows shuffled_rows(const Split& sentences, std::uint64_t seed) {
  Rows rows(static_cast<std::size_t>(sentences.size()));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  Rng rng(derive_seed(seed, "batches"));
  shuffle(rows, rng);
  return rows;
}

/// By rising length; rows of equal length keep their order.
void sort_by_length(const Split& sentences, Rows& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::int64_t a, std::int64_t b) { return sentences.length(a) < sentences.length(b); });
}

void append(Rows& to, const Rows& from) { to.insert(to.end(), from.begin(), from.end()); }

/// Lengths with a single sentence: neighbouring ones make a padded batch, and one that is left alone joins the batch
/// before it (the first: after it).
std::vector<Rows> join_singles(const std::vector<Rows>& batches, std::size_t batch_size) {
  std::vector<Rows> joined;
  bool of_singles = false;
  for (const Rows& batch : batches) {
    if (batch.size() == 1 && of_singles && joined.back().size() < batch_size) {
      append(joined.back(), batch);
    } else {
      joined.push_back(batch);
      of_singles = batch.size() == 1;
    }
  }
  for (std::size_t i = 0; i < joined.size() && joined.size() > 1; ++i) {
    if (joined[i].size() != 1) continue;
    append(joined[i > 0 ? i - 1 : 1], joined[i]);
    joined[i].clear();
  }
  std::erase_if(joined, [](const Rows& batch) { return batch.empty(); });
  return joined;
}

std::vector<Rows> equal_length_batches(const Split& sentences, const Rows& rows, std::size_t batch_size) {
  std::vector<Rows> batches;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && sentences.length(rows[end]) == sentences.length(rows[begin])) ++end;
    const Rows of_length(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                         rows.begin() + static_cast<std::ptrdiff_t>(end));
    for (Rows& batch : cut_rows(of_length, static_cast<std::int64_t>(batch_size))) batches.push_back(std::move(batch));
    begin = end;
  }
  return batch_size == 1 ? batches : join_singles(batches, batch_size);
}

Batch text_batch(const Sentences& sentences, const std::vector<std::int64_t>& rows) {
  std::int64_t longest = 0;
  for (const std::int64_t row : rows) longest = std::max(longest, sentences.length(row));
  const auto size = static_cast<std::int64_t>(rows.size());
  Batch batch{torch::full({longest + 2, size}, std::int64_t{kPad}, torch::kLong), torch::empty({size}, torch::kLong),
              torch::tensor(rows, torch::kLong)};
  auto* tokens = batch.x.data_ptr<std::int64_t>();
  auto* lengths = batch.lengths.data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < size; ++b) {
    const std::int64_t row = rows[static_cast<std::size_t>(b)];
    const std::int64_t length = sentences.length(row);
    const std::int32_t* words = sentences.tokens.data() + sentences.offsets[static_cast<std::size_t>(row)];
    tokens[b] = kStart;
    for (std::int64_t t = 0; t < length; ++t) tokens[(t + 1) * size + b] = words[t];
    tokens[(length + 1) * size + b] = kEnd;
    lengths[b] = length + 1;
  }
  return batch;
}

Batch image_batch(const Images& images, const std::vector<std::int64_t>& rows, std::uint64_t noise) {
  const auto& [channels, height, width] = images.shape;
  const auto size = static_cast<std::int64_t>(rows.size());
  const std::int64_t pixels = images.shape.pixels();
  Batch batch{torch::empty({size, channels, height, width}), torch::zeros({size}, torch::kLong),
              torch::tensor(rows, torch::kLong)};
  auto* out = batch.x.data_ptr<float>();
  for (const std::int64_t row : rows) {
    const std::uint8_t* grey = images.pixels.data() + row * pixels;
    if (!images.drawn_anew) {
      out = std::transform(grey, grey + pixels, out,
                           [](std::uint8_t pixel) { return static_cast<float>(pixel / 255.0); });
      continue;
    }
    Rng rng(derive_seed(noise, "binarisation", static_cast<std::uint64_t>(row)));
    out = std::transform(grey, grey + pixels, out,
                         [&](std::uint8_t pixel) { return uniform_real(rng) < pixel / 255.0 ? 1.0F : 0.0F; });
  }
  return batch;
}

}  // namespace

std::vector<Rows> cut_rows(const Rows& rows, std::int64_t batch_size) {
  const auto left = [&](auto at) { return rows.end() - at; };
  std::vector<Rows> batches;
  for (auto at = rows.begin(); at != rows.end();) {
    auto end = at + std::min<std::ptrdiff_t>(batch_size, left(at));
    if (left(end) < least_remainder(batch_size)) end = rows.end();
    batches.emplace_back(at, end);
    at = end;
  }
  return batches;
}

Batching batching_from(const std::string& name) {
  if (name == "iid") return Batching::iid;
  if (name == "bucketed") return Batching::bucketed;
  if (name == "equal_length") return Batching::equal_length;
  throw UsageError(unknown_name("batching", name, {"iid", "bucketed", "equal_length"}));
}

BatchList::BatchList(const Split& sentences, std::int64_t batch_size, Batching batching, std::uint64_t seed) {
  if (batch_size < 1) throw UsageError("the batch size must be at least 1");
  Rows rows = shuffled_rows(sentences, seed);
  if (batching != Batching::iid) sort_by_length(sentences, rows);
  rows_ = batching == Batching::equal_length
              ? equal_length_batches(sentences, rows, static_cast<std::size_t>(batch_size))
              : cut_rows(rows, batch_size);
}

Batch make_batch(const Split& split, const std::vector<std::int64_t>& rows, std::uint64_t noise) {
  if (rows.empty()) throw Error("a batch needs at least one example");
  if (const auto* images = dynamic_cast<const Images*>(&split)) return image_batch(*images, rows, noise);
  return text_batch(dynamic_cast<const Sentences&>(split), rows);
}

}  // namespace klbench
