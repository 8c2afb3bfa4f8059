// The glosses of WordNet (Fellbaum 1998), version 3.0 as packaged by Debian, with their lexicographer classes.
#include "data/text/wordnet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "data/facts.h"
#include "data/text/text_source.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary.h"

namespace klbench {

// lexnames(5WN)
const std::vector<std::string> kLexicographerClasses = {"adj.all",          "adj.pert",           "adv.all",
                                                        "noun.Tops",        "noun.act",           "noun.animal",
                                                        "noun.artifact",    "noun.attribute",     "noun.body",
                                                        "noun.cognition",   "noun.communication", "noun.event",
                                                        "noun.feeling",     "noun.food",          "noun.group",
                                                        "noun.location",    "noun.motive",        "noun.object",
                                                        "noun.person",      "noun.phenomenon",    "noun.plant",
                                                        "noun.possession",  "noun.process",       "noun.quantity",
                                                        "noun.relation",    "noun.shape",         "noun.state",
                                                        "noun.substance",   "noun.time",          "verb.body",
                                                        "verb.change",      "verb.cognition",     "verb.communication",
                                                        "verb.competition", "verb.consumption",   "verb.contact",
                                                        "verb.creation",    "verb.emotion",       "verb.motion",
                                                        "verb.perception",  "verb.possession",    "verb.social",
                                                        "verb.stative",     "verb.weather",       "adj.ppl"};

namespace {

constexpr std::size_t kOffsetDigits = 8;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The gloss without its examples: they are quoted and stand at its end, after a semicolon, colon or comma.
std::string_view without_examples(std::string_view gloss) {
  gloss = gloss.substr(0, gloss.find('"'));
  gloss = gloss.substr(0, gloss.find_last_not_of(" \t;:,") + 1);
  gloss.remove_prefix(std::min(gloss.find_first_not_of(" \t"), gloss.size()));
  return gloss;
}

/// "00001740 03 n 01 entity 0 ... | gloss": offset, class, type, words and pointers, gloss.
Gloss parse_synset(std::string_view line, const Place& place, char part_of_speech) {
  const std::size_t bar = line.find(" | ");
  const bool ok = bar != line.npos && bar > kOffsetDigits + 4 && all_digits(line.substr(0, kOffsetDigits)) &&
                  line[kOffsetDigits] == ' ' && all_digits(line.substr(kOffsetDigits + 1, 2)) &&
                  line[kOffsetDigits + 3] == ' ';
  if (!ok) throw UsageError(place, "not a WordNet synset: 'offset class type ... | gloss' is wanted");
  Gloss gloss;
  gloss.lexicographer_class = (line[kOffsetDigits + 1] - '0') * 10 + (line[kOffsetDigits + 2] - '0');
  if (static_cast<std::size_t>(gloss.lexicographer_class) >= kLexicographerClasses.size()) {
    throw UsageError(place, fmt::format("unknown lexicographer class {}", gloss.lexicographer_class));
  }
  gloss.definition = without_examples(line.substr(bar + 3));
  if (gloss.definition.empty()) throw UsageError(place, "a synset without a definition");
  gloss.id = part_of_speech + std::string(line.substr(0, kOffsetDigits));
  return gloss;
}

}  // namespace

std::vector<Gloss> parse_glosses(std::string_view text, const std::string& file, char part_of_speech) {
  std::vector<Gloss> glosses;
  for_each_line(text, file, [&](int number, std::string_view line) {
    const bool license = line.starts_with("  ");
    if (!license) glosses.push_back(parse_synset(line, {file, number}, part_of_speech));
  });
  return glosses;
}

double split_position(std::string_view synset_id) {
  return static_cast<double>(XXH3_64bits(synset_id.data(), synset_id.size())) * 0x1.0p-64;
}

namespace {

struct Source {
  const char* name;
  char part_of_speech;
};
constexpr Source kSources[] = {{"data.noun", 'n'}, {"data.verb", 'v'}, {"data.adj", 'a'}, {"data.adv", 'r'}};

std::string source_path(const Options& options, const Source& source) {
  const std::filesystem::path folder = options.text("path");
  const std::string path = (folder / source.name).string();
  if (!std::filesystem::exists(path)) {
    throw UsageError(
        fmt::format("{}: no such file; install the Debian package wordnet-base or set data.path to a folder "
                    "with data.noun, data.verb, data.adj and data.adv",
                    path));
  }
  return path;
}

std::string hash_sources(const Options& options) {
  std::string hashes;
  for (const Source& source : kSources) hashes += content_hash(read_source(source_path(options, source)));
  return content_hash(hashes);
}

/// All synsets in the order of a second hash of their ids: any leading part of it is a fair sample.
std::vector<Gloss> glosses_in_hash_order(const std::vector<std::string>& texts, const Options& options) {
  std::vector<Gloss> glosses;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (Gloss& gloss : parse_glosses(texts[i], source_path(options, kSources[i]), kSources[i].part_of_speech)) {
      glosses.push_back(std::move(gloss));
    }
  }
  const auto rank = [](const Gloss& gloss) { return XXH3_64bits_withSeed(gloss.id.data(), gloss.id.size(), 1); };
  std::sort(glosses.begin(), glosses.end(), [&rank](const Gloss& a, const Gloss& b) {
    const std::uint64_t rank_a = rank(a);
    const std::uint64_t rank_b = rank(b);
    return rank_a != rank_b ? rank_a < rank_b : a.id < b.id;
  });
  return glosses;
}

TextCorpus load(const Options& options) {
  const double test_share = options.real("test_share");
  const double valid_share = options.real("valid_share");
  if (test_share + valid_share >= 1) throw UsageError("dataset wordnet: valid_share + test_share must be below 1");
  std::vector<std::string> texts;
  for (const Source& source : kSources) texts.push_back(read_source(source_path(options, source)));

  const std::int64_t max_length = options.integer("max_length");
  const std::int64_t limit = options.integer("limit");
  TextCorpus corpus;
  corpus.label_names = kLexicographerClasses;
  WordTable table;
  std::int64_t taken = 0;
  std::set<std::string> seen;  // synsets share definitions, which would be read in one split and asked for in another
  for (const Gloss& gloss : glosses_in_hash_order(texts, options)) {
    const std::string definition = lower_ascii(gloss.definition);
    const std::vector<std::string_view> tokens = tokenize(definition);
    if (max_length > 0 && static_cast<std::int64_t>(tokens.size()) > max_length) continue;
    if (!seen.insert(fmt::format("{}", fmt::join(tokens, " "))).second) continue;
    const double position = split_position(gloss.id);
    Sentences& split = position < test_share                 ? corpus.test
                       : position < test_share + valid_share ? corpus.valid
                                                             : corpus.train;
    for (const std::string_view token : tokens) split.tokens.push_back(table.intern(token));
    split.offsets.push_back(static_cast<std::int64_t>(split.tokens.size()));
    split.labels.push_back(gloss.lexicographer_class);
    if (++taken == limit) break;
  }
  corpus.words = choose_vocabulary(table, corpus.train, {options.integer("min_count"), 0});
  number_words(corpus, table);
  drop_shared_sentences(corpus);
  return corpus;
}

const DatasetRegistrar kRegistrar(

    {.key = "wordnet",
     .summary = "the different definitions of WordNet's 117,659 synsets, labelled with 45 lexicographer classes",
     .paper = "Fellbaum 1998",
     .options = {{.name = "path",
                  .default_value = std::string("/usr/share/wordnet"),
                  .help = "folder with data.noun, data.verb, data.adj and data.adv",
                  .is_path = true},
                 {.name = "limit",
                  .default_value = std::int64_t{0},
                  .help = "use so many glosses, drawn by a hash: a smaller limit is part of a larger one; 0: all",
                  .min = 0},
                 {.name = "min_count",
                  .default_value = std::int64_t{3},
                  .help = "occurrences in train that a word needs, else it is <unk>",
                  .min = 1},
                 {.name = "max_length",
                  .default_value = std::int64_t{0},
                  .help = "leave out definitions of more tokens; 0: keep all",
                  .min = 0},
                 {.name = "valid_share",
                  .default_value = 0.05,
                  .help = "share of the synsets in valid, by a hash of their ids",
                  .min = 0,
                  .max = 1,
                  .min_open = true,
                  .max_open = true},
                 {.name = "test_share",
                  .default_value = 0.05,
                  .help = "share of the synsets in test, by a hash of their ids",
                  .min = 0,
                  .max = 1,
                  .min_open = true,
                  .max_open = true}}},
    load, hash_sources);

}  // namespace

}  // namespace klbench
