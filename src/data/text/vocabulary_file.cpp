#include "data/text/vocabulary_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "core/error.h"
#include "data/text/text_source.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary.h"

namespace klbench {

namespace {

constexpr std::string_view kBlanks = " \t";

bool is_count(std::string_view text) {
  return text.find_first_of("0123456789") != text.npos && text.find_first_not_of("0123456789.+-eE") == text.npos;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

struct Entry {
  std::string_view word;
  bool counted = false;
};

Entry parse_entry(std::string_view line, const Place& place) {
  const std::string_view entry = trimmed(line);
  if (entry.empty()) throw UsageError(place, "an empty line; one word a line is wanted");
  const std::size_t blank = entry.find_first_of(kBlanks);
  if (blank == entry.npos) return {entry};
  const std::string_view second = trimmed(entry.substr(blank));
  const bool one = second.find_first_of(kBlanks) == second.npos;
  if (one && is_count(second)) return {entry.substr(0, blank), true};
  if (one && is_count(entry.substr(0, blank))) {
    throw UsageError(place, fmt::format("the count stands before the word; write '{1} {0}', or the word alone",
                                        entry.substr(0, blank), second));
  }
  throw UsageError(place, "several words; one word a line is wanted, or a word and its count");
}

bool is_special(std::string_view word) {
  return word == "_UNK" ||
         std::find(std::begin(kSpecialWords), std::end(kSpecialWords), word) != std::end(kSpecialWords);
}

/// "unk" of "[UNK]", "<unk>", "@@UNK@@": the word in small letters without what encloses it.
std::string core_of(std::string_view word) {
  constexpr std::string_view kEnclosing = "<>[]{}|_@";
  word.remove_prefix(std::min(word.find_first_not_of(kEnclosing), word.size()));
  return lower_ascii(word.substr(0, word.find_last_not_of(kEnclosing) + 1));
}

/// What to do about a word that is special elsewhere; null for other words.
const char* advice_on(std::string_view word) {
  const std::string core = core_of(word);
  const bool enclosed = core.size() < word.size();
  const auto is_one_of = [&core](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return core == name; });
  };
  if (core == "unk" || (enclosed && is_one_of({"unknown", "oov"}))) return "the unknown word is written <unk> here";
  if (enclosed && is_one_of({"pad", "bos", "eos", "sos", "cls", "sep", "go", "start", "end"})) {
    return "start, end and padding are added to every sentence here: leave it out of the text";
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> parse_vocabulary(std::string_view text, const std::string& file) {
  std::vector<std::string> words(std::begin(kSpecialWords), std::end(kSpecialWords));
  std::set<std::string, std::less<>> seen(words.begin(), words.end());
  std::optional<bool> counted;
  for_each_line(text, file, [&](int number, std::string_view line) {
    const Place place{file, number};
    const Entry entry = parse_entry(line, place);
    if (is_special(entry.word)) return;
    if (counted.value_or(entry.counted) != entry.counted) {
      throw UsageError(place, entry.counted ? "several words; the lines above have one, without a count"
                                            : "no count; the lines above have one: give all or none");
    }
    counted = entry.counted;
    if (!seen.emplace(entry.word).second)
      throw UsageError(place, fmt::format("the word '{}' stands here twice", entry.word));
    words.emplace_back(entry.word);
  });
  if (words.size() == std::size(kSpecialWords)) throw UsageError({file, 1}, "a vocabulary without words");
  return words;
}

std::vector<std::string> special_word_notes(const TextCorpus& corpus) {
  std::vector<std::string> notes;
  for (std::size_t id = std::size(kSpecialWords); id < corpus.words.size(); ++id) {
    const char* advice = advice_on(corpus.words[id]);
    if (!advice) continue;
    std::int64_t count = 0;
    for (const Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) {
      count += std::count(split->tokens.begin(), split->tokens.end(), static_cast<std::int32_t>(id));
    }
    notes.push_back(
        fmt::format("'{}' is a word like any other ({} times in the text); {}", corpus.words[id], count, advice));
  }
  return notes;
}

}  // namespace klbench
