#include "data/text_lines.h"

#include "catch.h"
#include "data/helpers.h"

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
  std::string message = usage_error([&] { load_dataset("text_lines", given); });
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
  const auto corpus = load_dataset("text_lines", given);
  CHECK(corpus->words == Words{"<pad>", "<s>", "</s>", "<unk>", "a", "b", "c"});
  CHECK(texts(*corpus, corpus->train) == Words{"a b a", "c b"});
  CHECK(texts(*corpus, corpus->valid) == Words{"a <unk>"});
  CHECK(texts(*corpus, corpus->test) == Words{"c", "b <unk> <unk> a"});
  CHECK(corpus->unk_share == Approx(3.0 / 7.0));
  CHECK(corpus->train.labels.empty());
  CHECK(corpus->label_names.empty());

  given["min_count"] = std::int64_t{2};
  const auto frequent = load_dataset("text_lines", given);
  CHECK(texts(*frequent, frequent->train) == Words{"a b a", "<unk> b"});
  given["max_vocabulary"] = std::int64_t{1};
  CHECK(load_dataset("text_lines", given)->words == Words{"<pad>", "<s>", "</s>", "<unk>", "a"});
}

TEST_CASE("a given vocabulary keeps its order; its special words are passed over") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "a b\n", "b c\n", "a\n");
  given["vocabulary"] = scratch.write("vocabulary.txt", "<s>\nb\n_UNK\na\nq\n");
  const auto corpus = load_dataset("text_lines", given);
  CHECK(corpus->words == Words{"<pad>", "<s>", "</s>", "<unk>", "b", "a", "q"});
  CHECK(texts(*corpus, corpus->valid) == Words{"b <unk>"});
  CHECK(usage_error([] { parse_vocabulary("a\nb\na\n", "v"); }) == "v:3: the word 'a' stands here twice");
  CHECK(usage_error([] { parse_vocabulary("a\n\nb\n", "v"); }) == "v:2: an empty line; one word a line is wanted");
  CHECK(usage_error([] { parse_vocabulary("a 12\n", "v"); }) == "v:1: several words; one word a line is wanted");
  CHECK(usage_error([] { parse_vocabulary("<unk>\n", "v"); }) == "v:1: a vocabulary without words");
}

TEST_CASE("labels come from the first column or from files and are numbered by name") {
  const FolderWithCache scratch;
  Given given = three_files(scratch, "pos\ta b\nneg\tb\n", "neg\ta\n", "mid\tb b\n");
  given["label"] = std::string("first_column");
  const auto from_column = load_dataset("text_lines", given);
  CHECK(from_column->label_names == Words{"mid", "neg", "pos"});
  CHECK(from_column->train.labels == std::vector<std::int32_t>{2, 1});
  CHECK(from_column->test.labels == std::vector<std::int32_t>{0});

  Given by_file = three_files(scratch, "a b\nb\n", "a\n", "b b\n");
  by_file["train_labels"] = scratch.write("train.labels", "pos\nneg\n");
  by_file["valid_labels"] = scratch.write("valid.labels", "neg\n");
  by_file["test_labels"] = scratch.write("test.labels", "mid\n");
  const auto from_files = load_dataset("text_lines", by_file);
  CHECK(from_files->hash == from_column->hash);

  scratch.write("train.labels", "pos\nneg\npos\n");
  CHECK(load_error(scratch, by_file) == "train.labels:3: 3 labels for the 2 sentences of train.txt");
  scratch.write("train.labels", "pos\n");
  CHECK(load_error(scratch, by_file) == "train.labels:2: 1 labels for the 2 sentences of train.txt");
  scratch.write("train.labels", "pos\n\nneg\n");
  CHECK(load_error(scratch, by_file) == "train.labels:2: an empty label");
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
  CHECK(parse_error("a\n\nb\n", {}) == "f:2: a sentence without words");
  CHECK(parse_error("a\n \t \nb\n", {}) == "f:2: a sentence without words");
  CHECK(parse_error("a\n<s> b\n", {}) == "f:2: the word '<s>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error("b </s>\n", {}) == "f:1: the word '</s>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error("<pad>\n", {}) == "f:1: the word '<pad>' is reserved; leave it out, klbench adds it by itself");
  CHECK(parse_error(std::string("a\nb\n").append(1001, 'w'), {}) ==
        "f:3: a word of 1001 bytes; at most 1000 are allowed");
  CHECK(parse_error("x\ta\nb c\n", {.label_column = true}) == "f:2: no label; the line must be label, tab, sentence");
  CHECK(parse_error(" \ta\n", {.label_column = true}) == "f:1: no label; the line must be label, tab, sentence");
  CHECK(parse_error("x\t\n", {.label_column = true}) == "f:1: a sentence without words");
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
        "dataset text_lines: split 'valid' has no sentence with these options; use more data");
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
