#include "data/text/text_lines.h"

#include "catch.h"
#include "data/helpers.h"
#include "data/text/vocabulary_file.h"

using namespace klbench;

namespace {

using Words = std::vector<std::string>;
using Given = std::map<std::string, Value>;

Given three_files(const TemporaryFolder& scratch, const std::string& train, const std::string& valid,
                  const std::string& test) {
  return {{"train", scratch.write("train.txt", train)},
          {"valid", scratch.write("valid.txt", valid)},
          {"test", scratch.write("test.txt", test)}};
}

/// The error of loading these files, without the folder.
std::string load_error(const TemporaryFolder& scratch, const Given& given) {
  std::string message = usage_error([&] { load_text("text_lines", given); });
  for (std::size_t at; (at = message.find(scratch.file(""))) != message.npos;)
    message.erase(at, scratch.file("").size());
  return message;
}

std::string parse_error(const std::string& text, const LineFormat& format) {
  WordTable words;
  WordTable labels;
  return usage_error([&] { parse_lines(text, "f", format, words, labels); });
}

}  // namespace

TEST_CASE("text_lines reads three files, cuts the vocabulary on train and counts what became <unk>") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "a b a\nc  b\t\n", "a z\n", "c\r\nb <unk> _UNK a\r\n");
  const auto corpus = load_text("text_lines", given);
  CHECK(corpus->words == Words{"<pad>", "<s>", "</s>", "<unk>", "a", "b", "c"});
  CHECK(texts(*corpus, corpus->train) == Words{"a b a", "c b"});
  CHECK(texts(*corpus, corpus->valid) == Words{"a <unk>"});
  CHECK(texts(*corpus, corpus->test) == Words{"c", "b <unk> <unk> a"});
  CHECK(corpus->valid_test_unk_share == Approx(3.0 / 7.0));
  CHECK(corpus->train.labels.empty());
  CHECK(corpus->label_names.empty());

  given["min_count"] = std::int64_t{2};
  const auto frequent = load_text("text_lines", given);
  CHECK(texts(*frequent, frequent->train) == Words{"a b a", "<unk> b"});
  given["max_vocabulary"] = std::int64_t{1};
  CHECK(load_text("text_lines", given)->words == Words{"<pad>", "<s>", "</s>", "<unk>", "a"});
}

TEST_CASE("a given vocabulary keeps its order; its special words are passed over") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "a b\n", "b c\n", "a\n");
  given["vocabulary"] = scratch.write("vocabulary.txt", "<s>\nb\n_UNK\na\nq\n");
  const auto corpus = load_text("text_lines", given);
  CHECK(corpus->words == Words{"<pad>", "<s>", "</s>", "<unk>", "b", "a", "q"});
  CHECK(texts(*corpus, corpus->valid) == Words{"b <unk>"});
  given["vocabulary"] = scratch.write("counted.txt", "<unk> 9\nb 7\na\t4\nq 1\n\n");
  CHECK(load_text("text_lines", given)->hash == corpus->hash);
}

TEST_CASE("labels come from the first column or from files and are numbered by name") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "pos\ta b\nneg\tb\n", "neg\ta\n", "mid\tb b\n");
  given["label"] = std::string("first_column");
  const auto from_column = load_text("text_lines", given);
  CHECK(from_column->label_names == Words{"mid", "neg", "pos"});
  CHECK(from_column->train.labels == std::vector<std::int32_t>{2, 1});
  CHECK(from_column->test.labels == std::vector<std::int32_t>{0});

  Given by_file = three_files(scratch, "a b\nb\n", "a\n", "b b\n");
  by_file["train_labels"] = scratch.write("train.labels", "pos\nneg\n");
  by_file["valid_labels"] = scratch.write("valid.labels", "neg\n");
  by_file["test_labels"] = scratch.write("test.labels", "mid\n");
  const auto from_files = load_text("text_lines", by_file);
  CHECK(from_files->hash == from_column->hash);

  scratch.write("train.labels", "pos\nneg\npos\n");
  CHECK(load_error(scratch, by_file) == "train.labels:3: 3 labels for the 2 lines of train.txt");
  scratch.write("train.labels", "pos\n");
  CHECK(load_error(scratch, by_file) == "train.labels:2: 1 labels for the 2 lines of train.txt");
  scratch.write("train.labels", "pos\n\nneg\n");
  CHECK(load_error(scratch, by_file) == "train.labels:2: an empty label");
  scratch.write("train.labels", "pos\nneg\tmid\n");
  CHECK(load_error(scratch, by_file) == "train.labels:2: several columns; one label a line is wanted");
  by_file["label"] = std::string("first_column");
  CHECK_THAT(load_error(scratch, by_file), ContainsSubstring("not both"));
  by_file.erase("test_labels");
  CHECK_THAT(load_error(scratch, by_file), ContainsSubstring("name all of train_labels"));
}

TEST_CASE("over-long sentences are refused, cut or skipped with their label") {
  const std::string text = "x\ta b\ny\ta b c\nz\tc\n";
  WordTable words;
  WordTable labels;
  LineFormat format{.label_column = true, .max_length = 2};
  CHECK(parse_error(text, format) ==
        "f:2: more than max_length = 2 words; raise it or set on_long to truncate or skip");
  format.on_long = LineFormat::OnLong::truncate;
  const ParsedLines cut = parse_lines(text, "f", format, words, labels);
  CHECK(cut.sentences.offsets == std::vector<std::int64_t>{0, 2, 4, 5});
  CHECK(cut.sentences.labels == std::vector<std::int32_t>{0, 1, 2});
  format.on_long = LineFormat::OnLong::skip;
  const ParsedLines skipped = parse_lines(text, "f", format, words, labels);
  CHECK(skipped.sentences.offsets == std::vector<std::int64_t>{0, 2, 3});
  CHECK(skipped.sentences.labels == std::vector<std::int32_t>{0, 2});
  CHECK(skipped.kept == std::vector<int>{1, 3});
  CHECK(skipped.lines == 3);

  ParsedLines by_file =
      parse_lines("a b\na b c\nc\n", "f", {.max_length = 2, .on_long = format.on_long}, words, labels);
  attach_labels(by_file, "f", "x\ny\nz\n", "l", labels);
  CHECK(by_file.sentences.labels == std::vector<std::int32_t>{0, 2});
}

TEST_CASE("bad lines are named by file and line") {
  CHECK(parse_error("a\n<s> b\n", {}) == "f:2: the word '<s>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error("b </s>\n", {}) == "f:1: the word '</s>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error("<pad>\n", {}) == "f:1: the word '<pad>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error(std::string("a\nb\n").append(1001, 'w'), {}) ==
        "f:3: a word of 1001 bytes; at most 1000 are allowed");
  CHECK(parse_error("x\ta\nb c\n", {.label_column = true}) == "f:2: no label; the line must be label, tab, sentence");
  CHECK(parse_error(" \ta\n", {.label_column = true}) == "f:1: no label; the line must be label, tab, sentence");
  CHECK(parse_error("x\ta\ny\tb\tc\n", {.label_column = true}) ==
        "f:2: 3 columns; the line must be label, tab, sentence");
  CHECK(parse_error("x\t\ta\n", {.label_column = true}) == "f:1: 3 columns; the line must be label, tab, sentence");
  CHECK(parse_error("x\ta b \t\n", {.label_column = true}) == "no error");
}

TEST_CASE("lines without words are left out and counted, or refused; at the end of a file they are nothing") {
  WordTable words;
  WordTable labels;
  const std::string text = "\na\n \t \n\nb c\n\n \n\n";
  const ParsedLines plain = parse_lines(text, "f", {}, words, labels);
  CHECK(plain.kept == std::vector<int>{2, 5});
  CHECK(plain.lines == 5);
  CHECK(plain.empty.count == 3);
  CHECK(plain.empty.first == 1);
  CHECK(plain.sentences.tokens == std::vector<std::int32_t>{0, 1, 2});

  const ParsedLines labelled = parse_lines("x\ta\nq\t \ny\tb\n\n", "f", {.label_column = true}, words, labels);
  CHECK(labelled.kept == std::vector<int>{1, 3});
  CHECK(labelled.empty.count == 1);
  CHECK(labels.words() == std::deque<std::string>{"x", "y"});

  const std::string message = "a line without words; empty: skip leaves such lines out";
  CHECK(parse_error("a\n\nb\n", {.skip_empty = false}) == "f:2: " + message);
  CHECK(parse_error("x\t\n", {.label_column = true, .skip_empty = false}) == "f:1: " + message);
  CHECK(parse_error("a\nb\n\n \n", {.skip_empty = false}) == "no error");
  CHECK(parse_error("\n \n", {}) == "f:1: the file has nothing but empty lines");
}

TEST_CASE("a label file has a label or an empty line where the sentence was left out") {
  WordTable words;
  WordTable labels;
  for (const char* of_lines : {"x\ny\nz\n", "x\n\nz\n\n"}) {
    ParsedLines lines = parse_lines("a\n\nc\n", "f", {}, words, labels);
    attach_labels(lines, "f", of_lines, "l", labels);
    REQUIRE(lines.sentences.labels.size() == 2);
    CHECK(labels.words()[static_cast<std::size_t>(lines.sentences.labels[1])] == "z");
  }
  ParsedLines lines = parse_lines("a\n\nc\n", "f", {}, words, labels);
  CHECK(usage_error([&] { attach_labels(lines, "f", "x\nz\n", "l", labels); }) == "l:3: 2 labels for the 3 lines of f");
}

TEST_CASE("what was left out and what looks wrong comes with the corpus, from the cache too") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "a b\n\nc\n\na b c d\n", "a\n\n", "b b b b b\nc\n");
  const std::string plain = load_text("text_lines", three_files(scratch, "a b\nc\na b c d\n", "a\n", "c\n"))->hash;
  given = three_files(scratch, "a b\n\nc\n\na b c d\n", "a\n\n", "b b b b b\nc\n");
  given["max_length"] = std::int64_t{4};
  given["on_long"] = std::string("skip");
  for (const char* from : {"files", "cache"}) {
    INFO(from);
    const auto corpus = load_text("text_lines", given);
    CHECK(corpus->hash == plain);
    CHECK(corpus->reading == std::map<std::string, std::int64_t>{
                                 {"empty_lines_skipped", 2}, {"long_lines_skipped", 1}, {"long_lines_cut", 0}});
    CHECK(corpus->facts.at("train_examples") == 3);
    CHECK(corpus->facts.at("test_in_train") == 1);
    REQUIRE(corpus->notes.size() == 2);
    CHECK(corpus->notes[0] ==
          scratch.file("train.txt") + ":2: an empty line, 2 in all: left out; empty: refuse stops at them");
    CHECK(corpus->notes[1] ==
          scratch.file("test.txt") + ":1: a sentence over max_length, 1 in all: left out, as on_long says");
  }
  given["empty"] = std::string("refuse");
  CHECK(load_error(scratch, given) == "train.txt:2: a line without words; empty: skip leaves such lines out");
}

TEST_CASE("label, tab, sentence that is read without labels is noted, words with tabs between them are not") {
  const FolderWithCache scratch;
  const auto notes = [&](const std::string& train) {
    return load_text("text_lines", three_files(scratch, train, "a\n", "b\n"))->notes;
  };
  REQUIRE(notes("pos\ta b\nneg\tb\n").size() == 1);
  CHECK(notes("pos\ta b\nneg\tb\n")[0] ==
        scratch.file("train.txt") +
            ":1: 2 of 2 lines look like label, tab, sentence, and the label is read as a word; set data.label: "
            "first_column, or keep only the column of the sentences (cut -f)");
  CHECK(notes("1\tpos\ta b\n2\tneg\tb c\n").size() == 1);
  CHECK(notes("a\tb\tc\nb\tc\ta\n").empty());
  CHECK(notes("a b\t\nb c\n").empty());
  CHECK(notes("a\tb\nb c\nc c\n").empty());
}

TEST_CASE("files that are missing, empty or not named are refused") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "a\n", "", "a\n");
  CHECK(load_error(scratch, given) == "valid.txt:1: the file is empty");
  given["valid"] = scratch.file("absent.txt");
  CHECK(load_error(scratch, given) == "absent.txt: cannot open: No such file or directory");
  given.erase("valid");
  CHECK(load_error(scratch, given) == "dataset text_lines: option 'valid' must name a file of sentences");
  given["valid"] = scratch.write("valid.txt", "a b\n");
  given["max_length"] = std::int64_t{1};
  given["on_long"] = std::string("skip");
  CHECK(load_error(scratch, given) ==
        "dataset text_lines: split 'valid' has no example with these options; use more data");
}

TEST_CASE("no bytes crash the parsers of text") {
  std::string text = "pos\ta b c\n\xC3\xA9 <unk> x\n\xF0\x9F\x98\x80\tz\r\n";
  std::uint64_t state = 1;
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::string bytes = text;
    bytes[(state >> 33) % bytes.size()] = static_cast<char>(state >> 56);
    bytes.erase(bytes.size() - (state >> 20) % 4);
    WordTable words;
    WordTable labels;
    const std::string error = usage_error([&] {
      const ParsedLines lines =
          parse_lines(bytes, "f", {.label_column = (round & 1) != 0, .max_length = 3}, words, labels);
      REQUIRE(lines.sentences.offsets.back() == static_cast<std::int64_t>(lines.sentences.tokens.size()));
      ++accepted;
    });
    REQUIRE((error == "no error" || error.starts_with("f:")));
    usage_error([&] { parse_vocabulary(bytes, "f"); });
  }
  CHECK(accepted > 100);
}
