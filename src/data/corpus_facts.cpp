#include "data/corpus_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>

#include "core/error.h"

namespace klbench {

namespace {

/// The tokens of a sentence as bytes.
std::string_view bytes_of(const Sentences& split, std::int64_t i) {
  const auto begin = static_cast<std::size_t>(split.offsets[static_cast<std::size_t>(i)]);
  const auto size = static_cast<std::size_t>(split.length(i)) * sizeof(std::int32_t);
  return {reinterpret_cast<const char*>(split.tokens.data() + begin), size};
}

using SentenceSet = std::unordered_set<std::string_view>;

SentenceSet sentences_of(const Sentences& split) {
  SentenceSet set;
  set.reserve(static_cast<std::size_t>(split.size()));
  for (std::int64_t i = 0; i < split.size(); ++i) set.insert(bytes_of(split, i));
  return set;
}

/// Whether `others` have sentence i; one of nothing but <unk> is equal by accident and does not count.
bool is_in(const Sentences& split, std::int64_t i, const SentenceSet& others) {
  const auto words = split.tokens.begin() + split.offsets[static_cast<std::size_t>(i)];
  return others.contains(bytes_of(split, i)) &&
         !std::all_of(words, words + split.length(i), [](std::int32_t word) { return word == kUnknown; });
}

std::int64_t count_in(const Sentences& split, const SentenceSet& others) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < split.size(); ++i) count += is_in(split, i, others) ? 1 : 0;
  return count;
}

Sentences without(const Sentences& split, const SentenceSet& others) {
  Sentences kept;
  for (std::int64_t i = 0; i < split.size(); ++i) {
    if (is_in(split, i, others)) continue;
    const auto words = split.tokens.begin() + split.offsets[static_cast<std::size_t>(i)];
    kept.tokens.insert(kept.tokens.end(), words, words + split.length(i));
    kept.offsets.push_back(static_cast<std::int64_t>(kept.tokens.size()));
    if (!split.labels.empty()) kept.labels.push_back(split.labels[static_cast<std::size_t>(i)]);
  }
  return kept;
}

using LabelSet = std::set<std::int32_t>;

LabelSet labels_of(const Sentences& split) { return {split.labels.begin(), split.labels.end()}; }

std::int64_t unseen(const Sentences& split, const LabelSet& known) {
  std::int64_t count = 0;
  for (const std::int32_t label : split.labels) count += known.contains(label) ? 0 : 1;
  return count;
}

/// The first few names of labels, quoted.
std::string names(const TextCorpus& corpus, const LabelSet& labels) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> shown;
  for (const std::int32_t label : labels) {
    if (shown.size() == kShown) break;
    shown.push_back(fmt::format("'{}'", one_line(corpus.label_names[static_cast<std::size_t>(label)])));
  }
  return fmt::format("{}{}", fmt::join(shown, ", "), labels.size() > kShown ? ", ..." : "");
}

}  // namespace

void drop_shared_sentences(TextCorpus& corpus) {
  corpus.valid = without(corpus.valid, sentences_of(corpus.train));
  corpus.test = without(without(corpus.test, sentences_of(corpus.train)), sentences_of(corpus.valid));
}

std::map<std::string, std::int64_t> corpus_facts(const TextCorpus& corpus) {
  std::map<std::string, std::int64_t> facts{{"vocabulary", static_cast<std::int64_t>(corpus.words.size())},
                                            {"train_examples", corpus.train.size()},
                                            {"valid_examples", corpus.valid.size()},
                                            {"test_examples", corpus.test.size()}};
  const SentenceSet train = sentences_of(corpus.train);
  facts["valid_in_train"] = count_in(corpus.valid, train);
  facts["test_in_train"] = count_in(corpus.test, train);
  facts["test_in_valid"] = count_in(corpus.test, sentences_of(corpus.valid));
  if (corpus.train.labels.empty()) return facts;
  const LabelSet known = labels_of(corpus.train);
  facts["train_classes"] = static_cast<std::int64_t>(known.size());
  facts["valid_unseen_labels"] = unseen(corpus.valid, known);
  facts["test_unseen_labels"] = unseen(corpus.test, known);
  return facts;
}

std::string probe_refusal(const TextCorpus& corpus) {
  const LabelSet known = labels_of(corpus.train);
  if (known.size() == 1) {
    return fmt::format("every sentence of train has the label {}, and a probe needs two classes", names(corpus, known));
  }
  for (const char* name : {"valid", "test"}) {
    const Sentences& split = corpus.split(name);
    if (split.labels.empty() || unseen(split, known) < split.size()) continue;
    return fmt::format("no label of {} ({}) occurs in train ({}), so that a probe cannot be right", name,
                       names(corpus, labels_of(split)), names(corpus, known));
  }
  return "";
}

std::vector<std::string> probe_warnings(const TextCorpus& corpus) {
  if (corpus.train.labels.empty()) return {"the data has no labels: there will be no probe_accuracy"};
  const LabelSet known = labels_of(corpus.train);
  std::vector<std::string> warnings;
  for (const char* name : {"valid", "test"}) {
    const Sentences& split = corpus.split(name);
    const std::int64_t count = unseen(split, known);
    if (count == 0) continue;
    LabelSet missing = labels_of(split);
    std::erase_if(missing, [&known](std::int32_t label) { return known.contains(label); });
    warnings.push_back(
        fmt::format("{} of the {} sentences of {} have a label that train lacks ({}): the probe counts "
                    "them as wrong",
                    count, split.size(), name, names(corpus, missing)));
  }
  return warnings;
}

}  // namespace klbench
