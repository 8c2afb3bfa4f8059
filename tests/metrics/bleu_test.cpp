#include "metrics/bleu.h"

#include <cmath>

#include "catch.h"
#include "core/error.h"

using namespace klbench;

TEST_CASE("BLEU of equal sentences is 1") {
  CHECK(corpus_bleu({{1, 2, 3, 4, 5}, {6, 7, 8, 9}}, {{1, 2, 3, 4, 5}, {6, 7, 8, 9}}) == Approx(1.0));
}

TEST_CASE("BLEU by hand: clipped precisions") {
  // Hypothesis 1 2 3 4 5 9 against 1 2 3 4 5 6: p = 5/6, 4/5, 3/4, 2/3, equal lengths.
  CHECK(corpus_bleu({{1, 2, 3, 4, 5, 9}}, {{1, 2, 3, 4, 5, 6}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
  // A word counts at most as often as in the reference: p = 5/6, 4/5, 3/4, 2/3 here too, from 1 1 2 3 4 5.
  CHECK(corpus_bleu({{1, 1, 2, 3, 4, 5}}, {{1, 2, 3, 4, 5, 6}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU's brevity penalty") {  // all n-grams match; 5 words of 8
  CHECK(corpus_bleu({{1, 2, 3, 4, 5}}, {{1, 2, 3, 4, 5, 6, 7, 8}}) == Approx(std::exp(1 - 8.0 / 5)));
  // Longer hypotheses are punished by precision alone: p = 5/6, 4/5, 3/4, 2/3.
  CHECK(corpus_bleu({{1, 2, 3, 4, 5, 6}}, {{1, 2, 3, 4, 5}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU counts over the corpus, not by sentence") {
  // Matches 5+0, 4+0, 3+0, 2+0 of 5+2, 4+1, 3+0, 2+0.
  CHECK(corpus_bleu({{1, 2, 3, 4, 5}, {8, 9}}, {{1, 2, 3, 4, 5}, {6, 7}}) == Approx(std::pow(5.0 / 7 * 4 / 5, 0.25)));
}

TEST_CASE("BLEU without a common 4-gram is 0") {
  CHECK(corpus_bleu({{1, 2, 3, 9, 4}}, {{1, 2, 3, 4, 5}}) == 0);
  CHECK(corpus_bleu({{}}, {{1, 2}}) == 0);
  CHECK_THROWS_AS(corpus_bleu({{1}}, {}), Error);
}
