#include "data/text/vocabulary.h"

#include "catch.h"
#include "core/error.h"

using namespace klbench;

namespace {

Sentences one_sentence(WordTable& table, const std::vector<std::string>& words) {
  Sentences split;
  for (const auto& word : words) split.tokens.push_back(table.intern(word));
  split.offsets.push_back(static_cast<std::int64_t>(words.size()));
  return split;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a word table numbers words in the order in which they are first seen") {
  WordTable table;
  CHECK(table.intern("b") == 0);
  CHECK(table.intern("a") == 1);
  CHECK(table.intern("b") == 0);
  CHECK(table.words() == std::deque<std::string>{"b", "a"});
}

TEST_CASE("a vocabulary is ordered by count, then by word, behind the special words") {
  WordTable table;
  table.intern("never_in_train");
  const Sentences train = one_sentence(table, {"d", "b", "a", "c", "b", "c", "c", "<unk>", "<unk>"});
  CHECK(choose_vocabulary(table, train, {}) == Words{"<pad>", "<s>", "</s>", "<unk>", "c", "b", "a", "d"});
  CHECK(choose_vocabulary(table, train, {.min_count = 2}) == Words{"<pad>", "<s>", "</s>", "<unk>", "c", "b"});
  CHECK(choose_vocabulary(table, train, {.max_words = 1}) == Words{"<pad>", "<s>", "</s>", "<unk>", "c"});
  CHECK_THROWS_AS(choose_vocabulary(table, train, {.min_count = 4}), UsageError);
}

TEST_CASE("words outside the vocabulary become <unk> in every split") {
  WordTable table;
  TextCorpus corpus;
  corpus.train = one_sentence(table, {"a", "rare", "b"});
  corpus.valid = one_sentence(table, {"b", "new"});
  corpus.test = one_sentence(table, {"<unk>", "a"});
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>", "a", "b"};
  number_words(corpus, table);
  CHECK(corpus.train.tokens == std::vector<std::int32_t>{4, kUnknown, 5});
  CHECK(corpus.valid.tokens == std::vector<std::int32_t>{5, kUnknown});
  CHECK(corpus.test.tokens == std::vector<std::int32_t>{kUnknown, 4});
}
