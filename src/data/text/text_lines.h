#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/text/vocabulary.h"

namespace klbench {

/// How the lines of a text file are read.
struct LineFormat {
  enum class OnLong { error, truncate, skip };
  bool label_column = false;      ///< "label<TAB>sentence"
  std::int64_t max_length = 500;  ///< words of a sentence
  OnLong on_long = OnLong::error;
  bool skip_empty = true;  ///< lines without words are left out; else refused
};

/// Lines of one kind: how many, and where the first one is.
struct LineCount {
  std::int64_t count = 0;
  int first = 0;  ///< line number
  void add(int line) {
    if (count++ == 0) first = line;
  }
};

/// A split as read: tokens and labels are numbers of the word tables they were read with.
struct ParsedLines {
  Sentences sentences;
  std::vector<int> kept;  ///< line number of each sentence
  int lines = 0;          ///< lines of the file, skipped ones included, empty ones at its end not
  LineCount empty, long_skipped, long_cut;
  LineCount columns;  ///< without a label column: sentences that have one all the same
};

/// One sentence a line, words between spaces or tabs; "_UNK" is read as "<unk>". Throws UsageError with file and line
/// for what for_each_line refuses, <pad>, <s> and </s> (which klbench adds itself), words over 1,000 bytes, a missing
/// label, more columns than label and sentence, and, unless the format says otherwise, over-long sentences.
ParsedLines parse_lines(std::string_view text, const std::string& file, const LineFormat& format, WordTable& words,
                        WordTable& labels);

/// Labels the sentences of `lines` from a file with one label for every line of `data_file` (an empty one where that
/// line was skipped, if need be); throws UsageError where the counts differ, at the first line that one of the files
/// lacks.
void attach_labels(ParsedLines& lines, const std::string& data_file, std::string_view text,
                   const std::string& label_file, WordTable& labels);

}  // namespace klbench
