#include "data/text/tokenizer.h"

#include "catch.h"

using klbench::lower_ascii;
using klbench::tokenize;
using Tokens = std::vector<std::string_view>;

TEST_CASE("words, numbers and punctuation are tokens of their own") {
  CHECK(tokenize("the dog, (a mammal)") == Tokens{"the", "dog", ",", "(", "a", "mammal", ")"});
  CHECK(tokenize("1,000.5 km") == Tokens{"1,000.5", "km"});
  CHECK(tokenize("  ").empty());
  CHECK(tokenize("").empty());
}

TEST_CASE("hyphens and apostrophes join only between letters or digits") {
  CHECK(tokenize("one's self-contained 20th-century") == Tokens{"one's", "self-contained", "20th-century"});
  CHECK(tokenize("`to' - a--b dogs'") == Tokens{"`", "to", "'", "-", "a", "-", "-", "b", "dogs", "'"});
  CHECK(tokenize("-x-") == Tokens{"-", "x", "-"});
}

TEST_CASE("points and commas join only between digits") {
  CHECK(tokenize("e.g. 3.14, 2. 5,x") == Tokens{"e", ".", "g", ".", "3.14", ",", "2", ".", "5", ",", "x"});
}

TEST_CASE("letters beyond ASCII stay in their word, and only ASCII is lower-cased") {
  CHECK(tokenize("caf\xC3\xA9s!") == Tokens{"caf\xC3\xA9s", "!"});
  CHECK(lower_ascii("AZ\xC3\x89[") == "az\xC3\x89[");
}
