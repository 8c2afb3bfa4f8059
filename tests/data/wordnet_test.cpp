#include "data/text/wordnet.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "catch.h"
#include "core/process.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

constexpr std::int64_t kGlosses = 116697;  // different ones of 117,659

/// The same splits from Python: its own reading of the files, a regular expression for the tokens, XXH3 from the
/// library. Prints for train, valid, test: sentences, tokens, sum of labels; then the size of the vocabulary at
/// min_count 3.
constexpr const char* kPeer = R"py(
import collections, ctypes, re
lib = ctypes.CDLL("libxxhash.so.0")
xxh = lib.XXH3_64bits
xxh.restype, xxh.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t]
rank = lib.XXH3_64bits_withSeed
rank.restype, rank.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
token = re.compile(r"[a-z0-9](?:[a-z0-9]|['-](?=[a-z0-9])|(?<=\d)[.,](?=\d))*|\S")
glosses = []
for name, pos in ("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r"):
    for line in open("/usr/share/wordnet/data." + name):
        if not line.startswith("  "):
            key = (pos + line[:8]).encode()
            tokens = tuple(token.findall(line.split(" | ")[1].split('"')[0].lower().rstrip(" \n;:,")))
            glosses.append((rank(key, len(key), 1), key, int(line[9:11]), tokens))
splits, words, seen = collections.defaultdict(list), collections.Counter(), set()
for _, key, label, tokens in sorted(glosses):
    if tokens in seen:
        continue
    seen.add(tokens)
    u = xxh(key, len(key)) / 2**64
    split = "test" if u < .05 else "valid" if u < .1 else "train"
    splits[split].append((tokens, label))
    if split == "train":
        words.update(tokens)
known = {word for word, count in words.items() if count >= 3}
rows, before = [], set()
for split in ("train", "valid", "test"):
    read = [(tuple(word if word in known else None for word in tokens), label) for tokens, label in splits[split]]
    kept = [(tokens, label) for tokens, label in read if split == "train" or tokens not in before or not any(tokens)]
    before.update(tokens for tokens, _ in kept)
    rows += [len(kept), sum(len(tokens) for tokens, _ in kept), sum(label for _, label in kept)]
print(*rows, 4 + len(known))
)py";

std::vector<std::int64_t> figures(const TextCorpus& corpus) {
  std::vector<std::int64_t> numbers;
  for (const char* name : {"train", "valid", "test"}) {
    const Sentences& split = corpus.split(name);
    std::int64_t labels = 0;
    for (const auto label : split.labels) labels += label;
    numbers.insert(numbers.end(), {split.size(), static_cast<std::int64_t>(split.tokens.size()), labels});
  }
  numbers.push_back(static_cast<std::int64_t>(corpus.words.size()));
  return numbers;
}

std::string label_of(const TextCorpus& corpus, const std::string& text) {
  for (const char* name : {"train", "valid", "test"}) {
    const Sentences& split = corpus.split(name);
    for (std::int64_t i = 0; i < split.size(); ++i) {
      if (sentence_text(corpus, split, i) == text) {
        return corpus.label_names.at(static_cast<std::size_t>(split.labels[static_cast<std::size_t>(i)]));
      }
    }
  }
  return "";
}

}  // namespace

TEST_CASE("wordnet: every gloss once, and all classes, as Python counts them") {
  const FolderWithCache scratch;
  const auto corpus = load_text("wordnet", {});
  CHECK(corpus->train.size() + corpus->valid.size() + corpus->test.size() < kGlosses);
  CHECK(corpus->train.size() == 105107);
  REQUIRE(corpus->label_names.size() == 45);
  CHECK(corpus->label_names[5] == "noun.animal");
  std::vector<bool> seen(45, false);
  for (const auto label : corpus->train.labels) seen.at(static_cast<std::size_t>(label)) = true;
  CHECK(std::count(seen.begin(), seen.end(), true) == 45);
  CHECK(corpus->valid_test_unk_share > 0);
  CHECK(corpus->valid_test_unk_share < 0.1);

  const ProcessResult peer = run_process({"python3", "-c", kPeer});
  INFO(peer.err);
  REQUIRE(peer.ok());
  std::istringstream numbers(peer.out);
  std::vector<std::int64_t> expected;
  for (std::int64_t n; numbers >> n;) expected.push_back(n);
  CHECK(figures(*corpus) == expected);
  for (const char* shared : {"valid_in_train", "test_in_train", "test_in_valid"}) {
    INFO(shared);
    CHECK(corpus->facts.at(shared) == 0);
  }
}

TEST_CASE("wordnet: known glosses, without examples, lower-cased, tokenised, with their class") {
  const FolderWithCache scratch;
  const auto corpus = load_text("wordnet", {{"min_count", std::int64_t{1}}});
  CHECK(label_of(*corpus,
                 "that which is perceived or known or inferred to have its own distinct existence ( living or "
                 "nonliving )") == "noun.Tops");
  // dog.n.01: ...; "the dog barked all night"
  CHECK(label_of(*corpus,
                 "a member of the genus canis ( probably descended from the common wolf ) that has been "
                 "domesticated by man since prehistoric times ; occurs in many breeds") == "noun.animal");
}

TEST_CASE("wordnet: a smaller limit is the start of a larger one and keeps the shares") {
  const FolderWithCache scratch;
  const auto small = load_text("wordnet", {{"limit", std::int64_t{2000}}});
  const auto large = load_text("wordnet", {{"limit", std::int64_t{20000}}});
  const auto all = small->train.size() + small->valid.size() + small->test.size();
  CHECK(all <= 2000);  // valid and test without what <unk> makes equal to a sentence of train
  CHECK(all > 1980);
  CHECK(std::equal(small->train.labels.begin(), small->train.labels.end(), large->train.labels.begin()));
  CHECK(std::equal(small->train.offsets.begin(), small->train.offsets.end(), large->train.offsets.begin()));
  const double deviation = std::sqrt(20000 * .05 * .95);
  CHECK(std::abs(static_cast<double>(large->valid.size()) - 1000) < 4 * deviation);
  CHECK(std::abs(static_cast<double>(large->test.size()) - 1000) < 4 * deviation);
}

TEST_CASE("wordnet: the split of a synset is fixed by its id") {
  CHECK(split_position("n00001740") == split_position("n00001740"));
  CHECK(split_position("n00001740") != split_position("v00001740"));
  const FolderWithCache scratch;
  const auto shares = load_text("wordnet", {{"test_share", 0.2}, {"valid_share", 0.3}, {"limit", std::int64_t{10000}}});
  // Less what <unk> makes equal to a sentence of train, a tenth at most.
  const auto near = [](std::int64_t size, double expected, double deviation) {
    return static_cast<double>(size)<expected + 4 * deviation&& static_cast<double>(size)> 0.9 * expected -
           4 * deviation;
  };
  CHECK(near(shares->test.size(), 2000, std::sqrt(10000 * .2 * .8)));
  CHECK(near(shares->valid.size(), 3000, std::sqrt(10000 * .3 * .7)));
  CHECK_THAT(usage_error([] {
               load_text("wordnet", {{"test_share", 0.5}, {"valid_share", 0.5}});
             }),
             ContainsSubstring("must be below 1"));
}

TEST_CASE("wordnet: definitions over max_length are left out") {
  const FolderWithCache scratch;
  const auto corpus = load_text("wordnet", {{"max_length", std::int64_t{8}}, {"limit", std::int64_t{1000}}});
  CHECK(corpus->train.size() > 850);
  std::int64_t longest = 0;
  for (std::int64_t i = 0; i < corpus->train.size(); ++i) longest = std::max(longest, corpus->train.length(i));
  CHECK(longest == 8);
}

TEST_CASE("wordnet: from the cache within 100 ms") {
  const FolderWithCache scratch;
  const std::string hash = load_text("wordnet", {})->hash;
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    best = std::min(best, processor_seconds([&] { CHECK(load_text("wordnet", {})->hash == hash); }));
  }
  INFO("best of five: " << best << " s");
  CHECK((!kTimed || best < 0.1));
}

TEST_CASE("wordnet: a folder without the files names the package") {
  const std::string error = usage_error([] { load_text("wordnet", {{"path", std::string("/nonexistent")}}); });
  CHECK(
      error ==
      "/nonexistent/data.noun: no such file; install the Debian package wordnet-base or set data.path to a folder with "
      "data.noun, data.verb, data.adj and data.adv");
}

TEST_CASE("wordnet: synset lines by hand") {
  const std::string text =
      "  1 licence | text\n"
      "00001740 03 n 01 entity 0 000 | a thing: \"an example\"; \"another\"  \n"
      "00001930 44 s 01 x 0 000 |  no example; two parts  \n";
  const auto glosses = parse_glosses(text, "data.adj", 'a');
  REQUIRE(glosses.size() == 2);
  CHECK(glosses[0].id == "a00001740");
  CHECK(glosses[0].lexicographer_class == 3);
  CHECK(glosses[0].definition == "a thing");
  CHECK(glosses[1].lexicographer_class == 44);
  CHECK(glosses[1].definition == "no example; two parts");
}

TEST_CASE("wordnet: lines that are no synsets are named") {
  const std::string good = "00001740 03 n 01 entity 0 000 | a thing\n";
  const auto error = [&](const std::string& line) {
    return usage_error([&] { parse_glosses(good + line, "data.noun", 'n'); });
  };
  const std::string form = "data.noun:2: not a WordNet synset: 'offset class type ... | gloss' is wanted";
  CHECK(error("0000174x 03 n 01 entity 0 000 | a thing\n") == form);
  CHECK(error("00001740 0x n 01 entity 0 000 | a thing\n") == form);
  CHECK(error("00001740 03 n 01 entity 0 000\n") == form);
  CHECK(error("\nx\n") == form);
  CHECK(error(" | \n") == form);
  CHECK(error("00001740 45 n 01 entity 0 000 | a thing\n") == "data.noun:2: unknown lexicographer class 45");
  CHECK(error("00001740 03 n 01 entity 0 000 | ; \"quoted\"\n") == "data.noun:2: a synset without a definition");
  CHECK(error("00001740 03 n 01 entity 0 000 | caf\xE9\n") ==
        "data.noun:2: byte 0xe9 is not valid UTF-8; if the file is Latin-1: iconv -f ISO-8859-1 -t UTF-8 data.noun > "
        "data.noun.txt");
}
