#include "data/text/vocabulary_file.h"

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

using Words = std::vector<std::string>;

std::string error_of(const std::string& text) {
  return usage_error([&] { parse_vocabulary(text, "v"); });
}

}  // namespace

TEST_CASE("a vocabulary file has a word a line, and a count after each or none") {
  const Words words{"<pad>", "<s>", "</s>", "<unk>", "b", "a", "1990"};
  CHECK(parse_vocabulary("b\na\n1990\n", "v") == words);
  CHECK(parse_vocabulary("<s>\nb 12\na\t3\n<unk> 0\n1990 2\n", "v") == words);
  CHECK(parse_vocabulary("b\t-3.25\na\t-1e2\n1990\t-7\n\n", "v") == words);
}

TEST_CASE("other vocabulary files are refused with file and line and the right form") {
  CHECK(error_of("a\nb\na\n") == "v:3: the word 'a' stands here twice");
  CHECK(error_of("a\n\nb\n") == "v:2: an empty line; one word a line is wanted");
  CHECK(error_of("a b\n") == "v:1: several words; one word a line is wanted, or a word and its count");
  CHECK(error_of("a 1 2\n") == "v:1: several words; one word a line is wanted, or a word and its count");
  CHECK(error_of("     12 the\n") == "v:1: the count stands before the word; write 'the 12', or the word alone");
  CHECK(error_of("a 12\nb\n") == "v:2: no count; the lines above have one: give all or none");
  CHECK(error_of("a\nb 12\n") == "v:2: several words; the lines above have one, without a count");
  CHECK(error_of("<unk>\n") == "v:1: a vocabulary without words");
}

TEST_CASE("special words of other tools are noted where they are read as words") {
  TextCorpus corpus;
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>", "[UNK]", "unknown", "<eos>", "go", "[sic]"};
  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) *split = {{4, 5, 6}, {0, 3}, {}};
  const std::string ordinary = " is a word like any other (3 times in the text); ";
  CHECK(special_word_notes(corpus) ==
        Words{"'[UNK]'" + ordinary + "the unknown word is written <unk> here",
              "'<eos>'" + ordinary +
                  "start, end and padding are added to every sentence here: leave it out of the text"});
  for (const char* unknown : {"UNK", "<UNK>", "[unk]", "unk", "<unknown>", "@@UNKNOWN@@", "[OOV]"}) {
    corpus.words = {"<pad>", "<s>", "</s>", "<unk>", unknown, "a", "b"};
    CHECK(special_word_notes(corpus).size() == 1);
  }
}

TEST_CASE("an unknown word that the vocabulary leaves out is <unk> and no news") {
  const FolderWithCache scratch;
  const std::map<std::string, Value> given{{"train", scratch.write("train.txt", "a [UNK]\n")},
                                           {"valid", scratch.write("valid.txt", "a\n")},
                                           {"test", scratch.write("test.txt", "[UNK] a\n")},
                                           {"vocabulary", scratch.write("words.txt", "a\n")}};
  const auto corpus = load_text("text_lines", given);
  CHECK(texts(*corpus, corpus->test) == Words{"<unk> a"});
  CHECK(corpus->notes.empty());
  scratch.write("words.txt", "a\n[UNK]\n");
  CHECK(load_text("text_lines", given)->notes.size() == 1);
}
