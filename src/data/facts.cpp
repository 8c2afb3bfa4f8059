#include "data/facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>

#include "core/error.h"

namespace klbench {

namespace {

/// The tokens of a sentence, or the pixels of an image, as bytes.
std::string_view bytes_of(const Split& split, std::int64_t i) {
  if (const auto* images = dynamic_cast<const Images*>(&split)) {
    const auto size = static_cast<std::size_t>(images->shape.pixels());
    return {reinterpret_cast<const char*>(images->pixels.data()) + static_cast<std::size_t>(i) * size, size};
  }
  const auto& text = dynamic_cast<const Sentences&>(split);
  const auto begin = static_cast<std::size_t>(text.offsets[static_cast<std::size_t>(i)]);
  const auto size = static_cast<std::size_t>(text.length(i)) * sizeof(std::int32_t);
  return {reinterpret_cast<const char*>(text.tokens.data() + begin), size};
}

using ExampleSet = std::unordered_set<std::string_view>;

ExampleSet examples_of(const Split& split) {
  ExampleSet set;
  set.reserve(static_cast<std::size_t>(split.size()));
  for (std::int64_t i = 0; i < split.size(); ++i) set.insert(bytes_of(split, i));
  return set;
}

/// A sentence of nothing but <unk> is equal to others by accident.
bool all_unknown(const Split& split, std::int64_t i) {
  const auto* text = dynamic_cast<const Sentences*>(&split);
  if (!text) return false;
  const auto words = text->tokens.begin() + text->offsets[static_cast<std::size_t>(i)];
  return std::all_of(words, words + text->length(i), [](std::int32_t word) { return word == kUnknown; });
}

bool is_in(const Split& split, std::int64_t i, const ExampleSet& others) {
  return others.contains(bytes_of(split, i)) && !all_unknown(split, i);
}

std::int64_t count_in(const Split& split, const ExampleSet& others) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < split.size(); ++i) count += is_in(split, i, others) ? 1 : 0;
  return count;
}

Sentences without(const Sentences& split, const ExampleSet& others) {
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

LabelSet labels_of(const Split& split) { return {split.labels.begin(), split.labels.end()}; }

std::int64_t unseen(const Split& split, const LabelSet& known) {
  std::int64_t count = 0;
  for (const std::int32_t label : split.labels) count += known.contains(label) ? 0 : 1;
  return count;
}

/// The first few names of labels, quoted.
std::string names(const Dataset& corpus, const LabelSet& labels) {
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
  corpus.valid = without(corpus.valid, examples_of(corpus.train));
  corpus.test = without(without(corpus.test, examples_of(corpus.train)), examples_of(corpus.valid));
}

std::map<std::string, std::int64_t> facts_of(const Dataset& data) {
  const Split &train = data.split("train"), &valid = data.split("valid"), &test = data.split("test");
  std::map<std::string, std::int64_t> facts{
      {"train_examples", train.size()}, {"valid_examples", valid.size()}, {"test_examples", test.size()}};
  if (const auto* text = dynamic_cast<const TextCorpus*>(&data)) {
    facts["vocabulary"] = static_cast<std::int64_t>(text->words.size());
  } else if (const auto* images = dynamic_cast<const ImageCorpus*>(&data)) {
    facts["channels"] = images->shape.channels;
    facts["height"] = images->shape.height;
    facts["width"] = images->shape.width;
  }
  const ExampleSet in_train = examples_of(train);
  facts["valid_in_train"] = count_in(valid, in_train);
  facts["test_in_train"] = count_in(test, in_train);
  facts["test_in_valid"] = count_in(test, examples_of(valid));
  if (train.labels.empty()) return facts;
  const LabelSet known = labels_of(train);
  facts["train_classes"] = static_cast<std::int64_t>(known.size());
  facts["valid_unseen_labels"] = unseen(valid, known);
  facts["test_unseen_labels"] = unseen(test, known);
  return facts;
}

std::string probe_refusal(const Dataset& corpus) {
  const LabelSet known = labels_of(corpus.split("train"));
  if (known.size() == 1) {
    return fmt::format("every example of train has the label {}, and a probe needs two classes", names(corpus, known));
  }
  for (const char* name : {"valid", "test"}) {
    const Split& split = corpus.split(name);
    if (split.labels.empty() || unseen(split, known) < split.size()) continue;
    return fmt::format("no label of {} ({}) occurs in train ({}), so that a probe cannot be right", name,
                       names(corpus, labels_of(split)), names(corpus, known));
  }
  return "";
}

std::vector<std::string> probe_warnings(const Dataset& corpus) {
  if (corpus.split("train").labels.empty()) return {"the data has no labels: there will be no probe_accuracy"};
  const LabelSet known = labels_of(corpus.split("train"));
  std::vector<std::string> warnings;
  for (const char* name : {"valid", "test"}) {
    const Split& split = corpus.split(name);
    const std::int64_t count = unseen(split, known);
    if (count == 0) continue;
    LabelSet missing = labels_of(split);
    std::erase_if(missing, [&known](std::int32_t label) { return known.contains(label); });
    warnings.push_back(
        fmt::format("{} of the {} examples of {} have a label that train lacks ({}): the probe counts "
                    "them as wrong",
                    count, split.size(), name, names(corpus, missing)));
  }
  return warnings;
}

}  // namespace klbench
