#include <cmath>

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

std::shared_ptr<const TextCorpus> synthetic(std::map<std::string, Value> given = {}) {
  given.emplace("train_size", std::int64_t{4000});
  given.emplace("valid_size", std::int64_t{50});
  given.emplace("test_size", std::int64_t{50});
  return load_text("synthetic", given);
}

/// Unigram distribution of the sentences of a label whose row has the given parity.
std::vector<double> unigrams(const TextCorpus& corpus, std::int32_t label, std::int64_t parity) {
  std::vector<double> share(corpus.words.size(), 0.0);
  double total = 0;
  for (std::int64_t i = parity; i < corpus.train.size(); i += 2) {
    const auto k = static_cast<std::size_t>(i);
    if (corpus.train.labels[k] != label) continue;
    for (auto t = corpus.train.offsets[k]; t < corpus.train.offsets[k + 1]; ++t) {
      share[static_cast<std::size_t>(corpus.train.tokens[static_cast<std::size_t>(t)])] += 1;
      total += 1;
    }
  }
  for (double& x : share) x /= total;
  return share;
}

double total_variation(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += std::abs(p[i] - q[i]);
  return sum / 2;
}

}  // namespace

TEST_CASE("synthetic: default sizes, lengths and ids; built well within 5 seconds") {
  const FolderWithCache scratch;
  std::shared_ptr<const TextCorpus> corpus;
  const double seconds = processor_seconds([&] { corpus = load_text("synthetic", {}); });
  CHECK((!kTimed || seconds < 5));
  CHECK(corpus->train.size() == 16000);
  CHECK(corpus->valid.size() == 2000);
  CHECK(corpus->test.size() == 2000);
  CHECK(corpus->words.size() == 1004);
  CHECK(corpus->label_names.size() == 4);
  CHECK(corpus->valid_test_unk_share == 0);
  for (const char* name : {"train", "valid", "test"}) {
    const Sentences& split = corpus->split(name);
    for (std::int64_t i = 0; i < split.size(); ++i) REQUIRE(split.length(i) == 10);
    for (const auto token : split.tokens) REQUIRE((token >= 4 && token < 1004));
    std::vector<int> count(4, 0);
    for (const auto label : split.labels) ++count.at(static_cast<std::size_t>(label));
    for (const int n : count)
      CHECK(std::abs(n - static_cast<double>(split.size()) / 4) < 5 * std::sqrt(split.size() * 3 / 16));
  }
}

TEST_CASE("synthetic: the same on every platform, and a function of the seed") {
  const FolderWithCache scratch;
  CHECK(synthetic()->hash == "5a8b8fc488cde16383097d23a3d01f80");
  CHECK(synthetic({{"seed", std::int64_t{1}}})->hash != synthetic()->hash);
}

TEST_CASE("synthetic: fewer sentences are the first of more, and splits do not hang on each other's size") {
  const FolderWithCache scratch;
  const auto large = synthetic();
  const auto small = synthetic({{"train_size", std::int64_t{100}}});
  CHECK(std::equal(small->train.tokens.begin(), small->train.tokens.end(), large->train.tokens.begin()));
  CHECK(small->valid.tokens == large->valid.tokens);
  CHECK(std::vector<std::int32_t>(large->train.tokens.begin(), large->train.tokens.begin() + 500) !=
        std::vector<std::int32_t>(large->valid.tokens.begin(), large->valid.tokens.begin() + 500));
}

TEST_CASE("synthetic: the words of two labels differ strongly, those of one label do not") {
  const FolderWithCache scratch;
  for (const std::int64_t seed : {0, 1, 2}) {
    const auto corpus = synthetic({{"seed", seed}});
    for (std::int32_t a = 0; a < 4; ++a) {
      CHECK(total_variation(unigrams(*corpus, a, 0), unigrams(*corpus, a, 1)) < 0.2);
      for (std::int32_t b = a + 1; b < 4; ++b) {
        CHECK(total_variation(unigrams(*corpus, a, 0), unigrams(*corpus, b, 1)) > 0.6);
      }
    }
  }
}

TEST_CASE("synthetic: lengths fill their range, and an empty range is refused") {
  const FolderWithCache scratch;
  const auto corpus = synthetic({{"min_length", std::int64_t{3}}, {"max_length", std::int64_t{6}}});
  std::map<std::int64_t, int> count;
  for (std::int64_t i = 0; i < corpus->train.size(); ++i) ++count[corpus->train.length(i)];
  REQUIRE(count.size() == 4);
  CHECK(count.begin()->first == 3);
  for (const auto& [length, n] : count) CHECK(std::abs(n - 1000) < 150);
  CHECK_THAT(usage_error([] { synthetic({{"min_length", std::int64_t{11}}}); }), ContainsSubstring("min_length"));
}
