// One tokenised sentence a line, plain or gzip.
#include "data/text/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "core/error.h"
#include "core/files.h"
#include "data/text/json_lines.h"
#include "data/text/text_source.h"
#include "data/text/vocabulary_file.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxWordBytes = 1000;
constexpr std::string_view kBlanks = " \t";

/// The next word of `line`, which is dropped from it; empty at its end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

/// Numbers of the words of a line; stops one word after max_length.
std::vector<std::int32_t> line_words(std::string_view line, const Place& place, std::int64_t max_length,
                                     WordTable& words) {
  std::vector<std::int32_t> tokens;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    if (word == "<pad>" || word == "<s>" || word == "</s>") {
      throw UsageError(place, fmt::format("the word '{}' is reserved; leave it out, klbench adds it by itself", word));
    }
    if (word.size() > kMaxWordBytes) {
      throw UsageError(place, fmt::format("a word of {} bytes; at most {} are allowed", word.size(), kMaxWordBytes));
    }
    tokens.push_back(words.intern(word == "_UNK" ? kSpecialWords[kUnknown] : word));
    if (static_cast<std::int64_t>(tokens.size()) > max_length) break;
  }
  return tokens;
}

/// The label at the start of `line`, which becomes the sentence.
std::string_view label_column(std::string_view& line, const Place& place) {
  const std::size_t tab = line.find('\t');
  const std::string_view label = tab == line.npos ? "" : trimmed(line.substr(0, tab));
  if (label.empty()) throw UsageError(place, "no label; the line must be label, tab, sentence");
  line.remove_prefix(tab + 1);
  const std::string_view sentence = line.substr(0, line.find_last_not_of(kBlanks) + 1);
  if (const auto tabs = std::count(sentence.begin(), sentence.end(), '\t'); tabs > 0) {
    throw UsageError(place, fmt::format("{} columns; the line must be label, tab, sentence", tabs + 2));
  }
  return label;
}

/// "label<TAB>sentence", or more columns: text before a first tab, and after the last one a sentence. A line of words
/// with a tab between each two of them is none, except for two words.
bool has_columns(std::string_view line) {
  line = trimmed(line);
  const std::size_t last = line.find_last_of('\t');
  return last != line.npos && (line.find('\t') == last || line.find(' ', last) != line.npos);
}

}  // namespace

ParsedLines parse_lines(std::string_view text, const std::string& file, const LineFormat& format, WordTable& words,
                        WordTable& labels) {
  ParsedLines parsed;
  Sentences& out = parsed.sentences;
  const auto empty_line = [&](const Place& place) {
    if (!format.skip_empty) throw UsageError(place, "a line without words; empty: skip leaves such lines out");
    parsed.empty.add(place.line);
  };
  for_each_line(text, file, [&](int number, std::string_view line) {
    const Place place{file, number};
    parsed.lines = number;
    if (trimmed(line).empty()) return empty_line(place);
    const bool columns = !format.label_column && has_columns(line);
    const std::string_view label = format.label_column ? label_column(line, place) : std::string_view();
    std::vector<std::int32_t> tokens = line_words(line, place, format.max_length, words);
    if (tokens.empty()) return empty_line(place);
    const std::int32_t label_number = format.label_column ? labels.intern(label) : 0;
    if (static_cast<std::int64_t>(tokens.size()) > format.max_length) {
      if (format.on_long == LineFormat::OnLong::skip) return parsed.long_skipped.add(number);
      if (format.on_long == LineFormat::OnLong::error) {
        throw UsageError(place,
                         fmt::format("more than max_length = {} words; raise it or set on_long to truncate or skip",
                                     format.max_length));
      }
      parsed.long_cut.add(number);
      tokens.pop_back();
    }
    if (columns) parsed.columns.add(number);
    out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.end());
    out.offsets.push_back(static_cast<std::int64_t>(out.tokens.size()));
    if (format.label_column) out.labels.push_back(label_number);
    parsed.kept.push_back(number);
  });
  return parsed;
}

void attach_labels(ParsedLines& lines, const std::string& data_file, std::string_view text,
                   const std::string& label_file, WordTable& labels) {
  std::vector<std::int32_t> of_line;
  for_each_line(text, label_file, [&](int number, std::string_view line) {
    const Place place{label_file, number};
    const std::string_view label = trimmed(line);
    if (label.find('\t') != label.npos) throw UsageError(place, "several columns; one label a line is wanted");
    if (label.empty() && std::binary_search(lines.kept.begin(), lines.kept.end(), number)) {
      throw UsageError(place, "an empty label");
    }
    of_line.push_back(label.empty() ? -1 : labels.intern(label));
  });
  const int count = static_cast<int>(of_line.size());
  if (count != lines.lines) {
    throw UsageError({label_file, std::min(count, lines.lines) + 1},
                     fmt::format("{} labels for the {} lines of {}", count, lines.lines, data_file));
  }
  for (const int number : lines.kept) lines.sentences.labels.push_back(of_line[static_cast<std::size_t>(number - 1)]);
}

namespace {

constexpr const char* kSplits[] = {"train", "valid", "test"};

/// The label file of each split, or empty; all of them or none, and not together with a label column.
std::vector<std::string> label_files(const Options& options) {
  std::vector<std::string> files;
  for (const char* split : kSplits) files.push_back(options.text(fmt::format("{}_labels", split)));
  const auto named = std::count_if(files.begin(), files.end(), [](const std::string& file) { return !file.empty(); });
  if (named == 0) return {};
  if (named < 3)
    throw UsageError("dataset text_lines: name all of train_labels, valid_labels and test_labels, or none");
  if (options.text("label") != "none") {
    throw UsageError(
        "dataset text_lines: labels come from a column (label) or from files (train_labels, ...), not both");
  }
  return files;
}

std::string data_file(const Options& options, const char* split) {
  const std::string& file = options.text(split);
  if (file.empty())
    throw UsageError(fmt::format("dataset text_lines: option '{}' must name a file of sentences", split));
  return file;
}

std::string hash_sources(const Options& options) {
  std::string hashes;
  for (const char* split : kSplits) hashes += content_hash(read_source(data_file(options, split)));
  for (const std::string& file : label_files(options)) hashes += content_hash(read_source(file));
  if (const auto& file = options.text("vocabulary"); !file.empty()) hashes += content_hash(read_source(file));
  return content_hash(hashes);
}

/// Whether a file has JSON lines, by its name where the option leaves it to that.
bool has_json_lines(const Options& options, const std::string& file) {
  const std::string& format = options.text("format");
  if (format != "auto") return format == "json_lines";
  return file.ends_with(".jsonl") || file.ends_with(".jsonl.gz");
}

/// The lines of a file, those of JSON as the lines that they stand for.
std::string lines_of(const Options& options, const std::string& file) {
  const std::string& label = options.text("label");
  std::string text = source_text(read_source(file), file);
  const bool json = has_json_lines(options, file);
  if (label == (json ? "first_column" : "field")) {
    throw UsageError({file}, json ? "JSON lines have no columns; set data.label: field, or none"
                                  : "plain lines have no fields; set data.label: first_column, or none");
  }
  return json ? lines_of_json(text, file, label == "field") : text;
}

LineFormat line_format(const Options& options) {
  const std::string& on_long = options.text("on_long");
  return {.label_column = options.text("label") != "none",
          .max_length = options.integer("max_length"),
          .on_long = on_long == "skip"       ? LineFormat::OnLong::skip
                     : on_long == "truncate" ? LineFormat::OnLong::truncate
                                             : LineFormat::OnLong::error,
          .skip_empty = options.text("empty") == "skip"};
}

/// Renumbers labels by the order of their names, so that the order of the lines does not show in them.
void sort_labels(TextCorpus& corpus, const WordTable& labels) {
  std::vector<std::size_t> order(labels.words().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return labels.words()[a] < labels.words()[b]; });
  std::vector<std::int32_t> id_of(order.size());
  for (const std::size_t old : order) {
    id_of[old] = static_cast<std::int32_t>(corpus.label_names.size());
    corpus.label_names.push_back(labels.words()[old]);
  }
  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) {
    for (std::int32_t& label : split->labels) label = id_of[static_cast<std::size_t>(label)];
  }
}

/// Keeps in the corpus what was left out of a file, and what looks wrong in it.
void note_lines(TextCorpus& corpus, const ParsedLines& parsed, const std::string& file) {
  const auto left_out = [&](const char* name, const LineCount& lines, const char* what, const char* how) {
    corpus.reading[name] += lines.count;
    if (lines.count == 0) return;
    corpus.notes.push_back(
        fmt::format("{}: {}, {} in all: {}", Place{file, lines.first}.str(), what, lines.count, how));
  };
  left_out("empty_lines_skipped", parsed.empty, "an empty line", "left out; empty: refuse stops at them");
  left_out("long_lines_skipped", parsed.long_skipped, "a sentence over max_length", "left out, as on_long says");
  left_out("long_lines_cut", parsed.long_cut, "a sentence over max_length", "cut, as on_long says");
  if (parsed.columns.count > 0 && parsed.columns.count * 10 >= parsed.sentences.size() * 9) {
    corpus.notes.push_back(fmt::format(
        "{}: {} of {} lines look like label, tab, sentence, and the label is read as a word; set data.label: "
        "first_column, or keep only the column of the sentences (cut -f)",
        Place{file, parsed.columns.first}.str(), parsed.columns.count, parsed.sentences.size()));
  }
}

TextCorpus load(const Options& options) {
  const LineFormat format = line_format(options);
  const std::vector<std::string> labels_of = label_files(options);
  WordTable words;
  WordTable labels;
  TextCorpus corpus;
  Sentences* const splits[] = {&corpus.train, &corpus.valid, &corpus.test};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string file = data_file(options, kSplits[i]);
    ParsedLines parsed = parse_lines(lines_of(options, file), file, format, words, labels);
    if (!labels_of.empty()) {
      attach_labels(parsed, file, source_text(read_source(labels_of[i]), labels_of[i]), labels_of[i], labels);
    }
    note_lines(corpus, parsed, file);
    *splits[i] = std::move(parsed.sentences);
  }
  const std::string& vocabulary = options.text("vocabulary");
  corpus.words =
      vocabulary.empty()
          ? choose_vocabulary(words, corpus.train, {options.integer("min_count"), options.integer("max_vocabulary")})
          : parse_vocabulary(source_text(read_source(vocabulary), vocabulary), vocabulary);
  number_words(corpus, words);
  sort_labels(corpus, labels);
  for (std::string& note : special_word_notes(corpus)) corpus.notes.push_back(std::move(note));
  return corpus;
}

OptionSpec path_option(std::string name, std::string help) {
  return {.name = std::move(name), .default_value = std::string(), .help = std::move(help), .is_path = true};
}

const DatasetRegistrar kRegistrar(
    {.key = "text_lines",
     .summary = "your own text files, plain or gzip: one tokenised sentence a line, or JSON lines",
     .options =
         {path_option("train", "file of the training sentences"),
          path_option("valid", "file of the validation sentences"),
          path_option("test", "file of the test sentences"),
          {.name = "label",
           .default_value = std::string("none"),
           .help = "first_column: each line is label, tab, sentence; field: of JSON lines, the field \"label\"",
           .choices = {"none", "first_column", "field"}},
          {.name = "format",
           .default_value = std::string("auto"),
           .help = "lines, or json_lines: objects with the fields \"text\" and \"label\"; auto: by the name (.jsonl)",
           .choices = {"auto", "lines", "json_lines"}},
          path_option("train_labels", "file with one label a line, instead of a label column"),
          path_option("valid_labels", "the same for valid"),
          path_option("test_labels", "the same for test"),
          path_option("vocabulary",
                      "file of words, one a line, each with a count or none; not given: the words of train"),
          {.name = "min_count",
           .default_value = std::int64_t{1},
           .help = "occurrences in train that a word needs, else it is <unk>; unused with a vocabulary file",
           .min = 1},
          {.name = "max_vocabulary",
           .default_value = std::int64_t{0},
           .help = "keep so many of the most frequent words; 0: all; unused with a vocabulary file",
           .min = 0},
          {.name = "max_length", .default_value = std::int64_t{500}, .help = "words a sentence may have", .min = 1},
          {.name = "on_long",
           .default_value = std::string("error"),
           .help = "what happens to longer sentences",
           .choices = {"error", "truncate", "skip"}},
          {.name = "empty",
           .default_value = std::string("skip"),
           .help = "what happens to lines without words; those at the end of a file are nothing",
           .choices = {"skip", "refuse"}}}},
    load, hash_sources);

}  // namespace

}  // namespace klbench
