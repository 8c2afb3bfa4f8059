#include "models/batches.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "catch.h"
#include "core/error.h"

using namespace klbench;

namespace {

using Rows = std::vector<std::int64_t>;

/// Sentences of the given lengths in a scattered order; word t of sentence i is 4 + (i + t) % 50.
Sentences of_lengths(const std::map<std::int64_t, int>& count) {
  Rows lengths;
  for (const auto& [length, n] : count) lengths.insert(lengths.end(), static_cast<std::size_t>(n), length);
  Sentences sentences;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::int64_t length =
        lengths[i * 7919 % lengths.size()];  // a permutation: 7919 is a prime above the counts used here
    for (std::int64_t t = 0; t < length; ++t)
      sentences.tokens.push_back(static_cast<std::int32_t>(4 + (static_cast<std::int64_t>(i) + t) % 50));
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
  }
  return sentences;
}

std::vector<std::size_t> sizes(const BatchList& list) {
  std::vector<std::size_t> all;
  for (std::int64_t i = 0; i < list.size(); ++i) all.push_back(list.rows(i).size());
  return all;
}

void check_every_row_once(const BatchList& list, std::int64_t count) {
  Rows rows;
  for (std::int64_t i = 0; i < list.size(); ++i) rows.insert(rows.end(), list.rows(i).begin(), list.rows(i).end());
  std::sort(rows.begin(), rows.end());
  Rows expected(static_cast<std::size_t>(count));
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(rows == expected);
}

using Sizes = std::vector<std::size_t>;

Sizes bucketed_sizes(int count, std::int64_t batch_size) {
  return sizes(BatchList(of_lengths({{3, count}}), batch_size, Batching::bucketed, 1));
}

}  // namespace

TEST_CASE("a batch is padded on the right, time first") {
  Sentences sentences;
  sentences.tokens = {5, 6, 7, 8, 9, 4};
  sentences.offsets = {0, 3, 4, 6};
  const Batch batch = make_batch(sentences, {2, 0, 1});
  const auto expected = torch::tensor({{1, 1, 1}, {9, 5, 8}, {4, 6, 2}, {2, 7, 0}, {0, 2, 0}}, torch::kLong);
  CHECK(torch::equal(batch.x, expected));
  CHECK(torch::equal(batch.lengths, torch::tensor({3, 4, 2}, torch::kLong)));
  CHECK(torch::equal(batch.rows, torch::tensor({2, 0, 1}, torch::kLong)));
  CHECK(torch::equal(batch.inputs(), expected.slice(0, 0, 4)));
  CHECK(torch::equal(batch.targets(), expected.slice(0, 1, 5)));
  CHECK(batch.units() == 9);
  CHECK(batch.size() == 3);
  CHECK_THROWS_AS(make_batch(sentences, {}), Error);
}

TEST_CASE("bucketed batches: a remainder below min(8, batch size) joins its neighbour") {
  CHECK(bucketed_sizes(64, 32) == Sizes{32, 32});
  CHECK(bucketed_sizes(71, 32) == Sizes{32, 39});
  CHECK(bucketed_sizes(72, 32) == Sizes{32, 32, 8});
  CHECK(bucketed_sizes(5, 32) == Sizes{5});
  CHECK(bucketed_sizes(10, 4) == Sizes{4, 6});
  CHECK(bucketed_sizes(3, 1) == Sizes{1, 1, 1});
  CHECK(bucketed_sizes(0, 4).empty());
}

TEST_CASE("bucketed batches hold neighbouring lengths") {
  const Sentences sentences = of_lengths({{2, 10}, {3, 15}, {5, 40}, {20, 6}, {30, 1}, {31, 1}});
  const BatchList list(sentences, 16, Batching::bucketed, 3);
  check_every_row_once(list, sentences.size());
  std::int64_t before = 0;
  for (std::int64_t i = 0; i < list.size(); ++i) {
    const Batch batch = make_batch(sentences, list.rows(i));
    CHECK(batch.size() >= 8);
    CHECK(batch.lengths.min().item<std::int64_t>() >= before);
    before = batch.lengths.max().item<std::int64_t>();
    CHECK(batch.x.size(0) == before + 1);
  }
}

TEST_CASE("equal-length batches: one length each, single sentences with a neighbour") {
  const Sentences sentences = of_lengths({{3, 40}, {4, 1}, {5, 33}, {7, 3}, {9, 1}, {10, 1}});
  const BatchList list(sentences, 32, Batching::equal_length, 3);
  check_every_row_once(list, sentences.size());
  CHECK(sizes(list) == Sizes{32, 9, 33, 3, 2});
  for (const std::int64_t i : {0, 2, 3}) {
    const Batch batch = make_batch(sentences, list.rows(i));
    CHECK(torch::equal(batch.lengths.min(), batch.lengths.max()));
    CHECK((batch.x == kPad).sum().item<std::int64_t>() == 0);
  }
  CHECK((make_batch(sentences, list.rows(1)).x == kPad).sum().item<std::int64_t>() ==
        8);  // eight of length 3 beside one of 4

  CHECK(sizes(BatchList(of_lengths({{1, 1}, {2, 19}}), 32, Batching::equal_length, 3)) == Sizes{20});
  CHECK(sizes(BatchList(of_lengths({{1, 1}}), 32, Batching::equal_length, 3)) == Sizes{1});
  CHECK(sizes(BatchList(of_lengths({{1, 1}, {2, 1}, {3, 1}}), 2, Batching::equal_length, 3)) == Sizes{3});
  CHECK(sizes(BatchList(of_lengths({{1, 1}, {2, 1}, {3, 2}}), 1, Batching::equal_length, 3)) == Sizes{1, 1, 1, 1});
}

TEST_CASE("all modes cover every row once and leave no batch of one, for many sizes") {
  for (int count = 4; count < 120; ++count) {
    const Sentences sentences = of_lengths({{1, count / 2}, {2, 1}, {4, 1}, {6, count - count / 2 - 2}});
    for (const std::int64_t batch_size : {2, 5, 8, 32}) {
      for (const Batching batching : {Batching::iid, Batching::bucketed, Batching::equal_length}) {
        const BatchList list(sentences, batch_size, batching, 1);
        check_every_row_once(list, sentences.size());
        const Sizes all = sizes(list);
        CHECK(*std::min_element(all.begin(), all.end()) >= 2);
      }
    }
  }
}

TEST_CASE("batches are fixed by the seed") {
  const Sentences sentences = of_lengths({{4, 500}});
  for (const Batching batching : {Batching::iid, Batching::bucketed, Batching::equal_length}) {
    const BatchList a(sentences, 10, batching, 1);
    CHECK(a.rows(0) == BatchList(sentences, 10, batching, 1).rows(0));
    CHECK(a.rows(0) != BatchList(sentences, 10, batching, 2).rows(0));
  }
}

TEST_CASE("iid batches are draws from the whole split, whatever the lengths") {
  const Sentences sentences = of_lengths({{2, 300}, {9, 300}, {20, 300}, {41, 300}});
  const BatchList list(sentences, 32, Batching::iid, 5);
  check_every_row_once(list, sentences.size());
  CHECK(list.size() == 38);  // 37 of 32 and the remainder of 16
  // The number of sentences of one length in a batch of 32 is hypergeometric: 8 on average, 2.4 its deviation.
  for (std::int64_t i = 0; i < 37; ++i) {
    const Batch batch = make_batch(sentences, list.rows(i));
    for (const std::int64_t length : {2, 9, 20, 41}) {
      const auto count = batch.lengths.eq(length + 1).sum().item<std::int64_t>();
      CHECK(count >= 1);
      CHECK(count <= 19);
    }
  }
}

TEST_CASE("batching by name, and bad values") {
  CHECK(batching_from("iid") == Batching::iid);
  CHECK(batching_from("bucketed") == Batching::bucketed);
  CHECK(batching_from("equal_length") == Batching::equal_length);
  CHECK_THROWS_WITH(batching_from("mixed"), ContainsSubstring("iid"));
  CHECK_THROWS_AS(BatchList(Sentences(), 0, Batching::bucketed, 1), UsageError);
}
