#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace klbench {

/// A vocabulary file, one word a line in the order of the ids, after the special words (which it may contain; they are
/// passed over). Every line may give a count after the word, which is not used. Throws UsageError with file and line
/// for doubles, empty lines, lines of several words, and counts in some lines only.
std::vector<std::string> parse_vocabulary(std::string_view text, const std::string& file);

/// What a word of the corpus is to other tools while klbench reads it as any word: "[UNK]", "UNK", "<UNK>" (here:
/// <unk>), "<eos>", "[CLS]", "<PAD>" (here: added by itself). One line each, with how often the text has it.
std::vector<std::string> special_word_notes(const TextCorpus& corpus);

}  // namespace klbench
