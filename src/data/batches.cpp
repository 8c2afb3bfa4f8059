#include "data/batches.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"

namespace klbench {

namespace {

using Rows = std::vector<std::int64_t>;

Rows shuffled_rows(const Sentences& sentences, std::uint64_t seed) {
  Rows rows(static_cast<std::size_t>(sentences.size()));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  Rng rng(derive_seed(seed, "batches"));
  shuffle(rows, rng);
  return rows;
}

/// By rising length; rows of equal length keep their order.
void sort_by_length(const Sentences& sentences, Rows& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::int64_t a, std::int64_t b) { return sentences.length(a) < sentences.length(b); });
}

/// Cuts rows[begin, end) into batches of batch_size; a remainder below least_remainder joins the batch before it.
void cut(const Rows& rows, std::size_t begin, std::size_t end, std::size_t batch_size, std::vector<Rows>& batches) {
  const std::size_t full = (end - begin) / batch_size;
  const std::size_t rest = (end - begin) % batch_size;
  const auto least = static_cast<std::size_t>(least_remainder(static_cast<std::int64_t>(batch_size)));
  const bool rest_stands = rest > 0 && (full == 0 || rest >= least);
  const std::size_t count = full + (rest_stands ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t stop = i + 1 == count ? end : begin + batch_size;
    batches.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                         rows.begin() + static_cast<std::ptrdiff_t>(stop));
    begin = stop;
  }
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

std::vector<Rows> equal_length_batches(const Sentences& sentences, const Rows& rows, std::size_t batch_size) {
  std::vector<Rows> batches;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && sentences.length(rows[end]) == sentences.length(rows[begin])) ++end;
    cut(rows, begin, end, batch_size, batches);
    begin = end;
  }
  return batch_size == 1 ? batches : join_singles(batches, batch_size);
}

}  // namespace

Batching batching_from(const std::string& name) {
  if (name == "iid") return Batching::iid;
  if (name == "bucketed") return Batching::bucketed;
  if (name == "equal_length") return Batching::equal_length;
  throw UsageError(unknown_name("batching", name, {"iid", "bucketed", "equal_length"}));
}

BatchList::BatchList(const Sentences& sentences, std::int64_t batch_size, Batching batching, std::uint64_t seed) {
  if (batch_size < 1) throw UsageError("the batch size must be at least 1");
  Rows rows = shuffled_rows(sentences, seed);
  if (batching != Batching::iid) sort_by_length(sentences, rows);
  const auto size = static_cast<std::size_t>(batch_size);
  if (batching == Batching::equal_length) {
    rows_ = equal_length_batches(sentences, rows, size);
  } else {
    cut(rows, 0, rows.size(), size, rows_);
  }
}

Batch make_batch(const Sentences& sentences, const std::vector<std::int64_t>& rows) {
  if (rows.empty()) throw Error("a batch needs at least one sentence");
  std::int64_t longest = 0;
  for (const std::int64_t row : rows) longest = std::max(longest, sentences.length(row));
  const auto size = static_cast<std::int64_t>(rows.size());
  Batch batch{torch::full({longest + 2, size}, std::int64_t{kPad}, torch::kLong), torch::empty({size}, torch::kLong),
              torch::tensor(rows, torch::kLong)};
  auto* tokens = batch.tokens.data_ptr<std::int64_t>();
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

}  // namespace klbench
