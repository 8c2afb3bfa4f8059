#include "data/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "core/error.h"

namespace klbench {

std::int32_t WordTable::intern(std::string_view word) {
  if (const auto found = ids_.find(word); found != ids_.end()) return found->second;
  if (words_.size() >= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw UsageError("more than 2^31 distinct words");
  }
  const auto id = static_cast<std::int32_t>(words_.size());
  ids_.emplace(words_.emplace_back(word), id);
  return id;
}

std::vector<std::string> choose_vocabulary(const WordTable& table, const Sentences& train, const VocabularyRule& rule) {
  std::vector<std::int64_t> counts(table.words().size(), 0);
  for (const std::int32_t token : train.tokens) ++counts[static_cast<std::size_t>(token)];
  std::vector<std::size_t> kept;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    const bool special =
        std::find(std::begin(kSpecialWords), std::end(kSpecialWords), table.words()[id]) != std::end(kSpecialWords);
    if (counts[id] > 0 && counts[id] >= rule.min_count && !special) kept.push_back(id);
  }
  if (kept.empty()) throw UsageError(fmt::format("no word of train occurs min_count = {} times", rule.min_count));
  std::sort(kept.begin(), kept.end(), [&](std::size_t a, std::size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : table.words()[a] < table.words()[b];
  });
  if (rule.max_words > 0) kept.resize(std::min(kept.size(), static_cast<std::size_t>(rule.max_words)));
  std::vector<std::string> words(std::begin(kSpecialWords), std::end(kSpecialWords));
  for (const std::size_t id : kept) words.push_back(table.words()[id]);
  return words;
}

void number_words(TextCorpus& corpus, const WordTable& table) {
  std::unordered_map<std::string_view, std::int32_t> ids;
  for (std::size_t id = 0; id < corpus.words.size(); ++id) ids.emplace(corpus.words[id], static_cast<std::int32_t>(id));
  std::vector<std::int32_t> id_of;
  for (const std::string& word : table.words()) {
    const auto found = ids.find(word);
    id_of.push_back(found == ids.end() ? kUnknown : found->second);
  }
  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    for (std::int32_t& token : split->tokens) token = id_of[static_cast<std::size_t>(token)];
  }
}

}  // namespace klbench
