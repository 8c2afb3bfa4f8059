#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/vocabulary.h"

namespace klbench {

/// How the lines of a text file are read.
struct LineFormat {
  enum class OnLong { error, truncate, skip };
  bool label_column = false;      ///< "label<TAB>sentence"
  std::int64_t max_length = 500;  ///< words of a sentence
  OnLong on_long = OnLong::error;
};

/// A split as read: tokens and labels are numbers of the word tables they were read with.
struct ParsedLines {
  Sentences sentences;
  std::vector<int> kept;  ///< line number of each sentence
  int lines = 0;          ///< lines of the file, skipped ones included
};

/// One sentence a line, words between spaces or tabs; "_UNK" is read as "<unk>". Throws UsageError with file and line
/// for what for_each_line refuses, lines without a word, <pad>, <s> and </s> (which klbench adds itself), words over
/// 1,000 bytes, a missing label, and over-long sentences unless the format says otherwise.
ParsedLines parse_lines(std::string_view text, const std::string& file, const LineFormat& format, WordTable& words,
                        WordTable& labels);

/// Labels the sentences of `lines` from a file with one label for every line of `data_file`; throws UsageError where
/// the counts differ, at the first line that one of the files lacks.
void attach_labels(ParsedLines& lines, const std::string& data_file, std::string_view text,
                   const std::string& label_file, WordTable& labels);

/// A vocabulary file, one word a line in the order of the ids, after the special words (which it may contain; they are
/// passed over). Throws UsageError with file and line for doubles, empty lines and lines of several words.
std::vector<std::string> parse_vocabulary(std::string_view text, const std::string& file);

}  // namespace klbench
