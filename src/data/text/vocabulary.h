#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/dataset.h"

namespace klbench {

/// The special words, in the order of their ids.
inline constexpr std::string_view kSpecialWords[] = {"<pad>", "<s>", "</s>", "<unk>"};

/// Numbers distinct words in the order in which they are first seen.
class WordTable {
 public:
  std::int32_t intern(std::string_view word);
  const std::deque<std::string>& words() const { return words_; }

 private:
  std::deque<std::string> words_;  // a deque, since the keys below point into it
  std::unordered_map<std::string_view, std::int32_t> ids_;
};

/// Which words a vocabulary keeps.
struct VocabularyRule {
  std::int64_t min_count = 1;  ///< occurrences in train that a word needs
  std::int64_t max_words = 0;  ///< keep so many at most, special words not counted; 0: all
};

/// The special words, then the words of `train` that the rule keeps, by falling count and, where it is equal, by
/// ascending bytes. Tokens are numbers of `table`; its special words are not counted.
/// Throws UsageError when no word is left.
std::vector<std::string> choose_vocabulary(const WordTable& table, const Sentences& train, const VocabularyRule& rule);

/// Turns the tokens of all splits from numbers of `table` into ids of corpus.words; what is not there becomes <unk>.
void number_words(TextCorpus& corpus, const WordTable& table);

}  // namespace klbench
