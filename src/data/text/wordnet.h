#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klbench {

/// The lexicographer classes by their number in the files: adj.all, adj.pert, ..., adj.ppl.
extern const std::vector<std::string> kLexicographerClasses;

/// One synset.
struct Gloss {
  std::string id;               ///< part of speech (n, v, a, r) and offset in the file: "n00001740"
  int lexicographer_class = 0;  ///< index into kLexicographerClasses
  std::string_view definition;  ///< the gloss up to its first quoted example; points into the text
};

/// The synsets of a WordNet data file (wndb(5WN)) in order; throws UsageError with file and line for what is none.
std::vector<Gloss> parse_glosses(std::string_view text, const std::string& file, char part_of_speech);

/// Uniform in [0, 1): the first 53 bits or so of the XXH3-64 of a synset's id over 2^64; below test_share it belongs to
/// test, below test_share + valid_share to valid, else to train.
double split_position(std::string_view synset_id);

}  // namespace klbench
