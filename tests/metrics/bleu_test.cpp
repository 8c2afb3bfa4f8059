#include "metrics/bleu.h"

#include <cmath>

#include "catch.h"
#include "core/error.h"
#include "data/dataset.h"

using namespace klbench;

TEST_CASE("BLEU of equal sentences is 1") {
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}, {16, 17, 18, 19}}, {{11, 12, 13, 14, 15}, {16, 17, 18, 19}}) == Approx(1.0));
}

TEST_CASE("BLEU by hand: clipped precisions") {
  // Hypothesis 11 12 13 14 15 19 against 11 12 13 14 15 16: p = 5/6, 4/5, 3/4, 2/3, equal lengths.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15, 19}}, {{11, 12, 13, 14, 15, 16}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
  // A word counts at most as often as in the reference: p = 5/6, 4/5, 3/4, 2/3 here too, from 11 11 12 13 14 15.
  CHECK(corpus_bleu({{11, 11, 12, 13, 14, 15}}, {{11, 12, 13, 14, 15, 16}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU's brevity penalty") {  // all n-grams match; 5 words of 8
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}}, {{11, 12, 13, 14, 15, 16, 17, 18}}) == Approx(std::exp(1 - 8.0 / 5)));
  // Longer hypotheses are punished by precision alone: p = 5/6, 4/5, 3/4, 2/3.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15, 16}}, {{11, 12, 13, 14, 15}}) ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU counts over the corpus, not by sentence") {
  // Matches 5+0, 4+0, 3+0, 2+0 of 5+2, 4+1, 3+0, 2+0.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}, {18, 19}}, {{11, 12, 13, 14, 15}, {16, 17}}) ==
        Approx(std::pow(5.0 / 7 * 4 / 5, 0.25)));
}

TEST_CASE("BLEU without a common 4-gram is 0") {
  CHECK(corpus_bleu({{11, 12, 13, 19, 14}}, {{11, 12, 13, 14, 15}}) == 0);
  CHECK(corpus_bleu({{}}, {{11, 12}}) == 0);
  CHECK_THROWS_AS(corpus_bleu({{11}}, {}), Error);
}

TEST_CASE("<unk> matches nothing, not even itself") {
  // 4 5 6 7 <unk> against itself: p = 4/5, 3/4, 2/3, 1/2.
  CHECK(corpus_bleu({{4, 5, 6, 7, kUnknown}}, {{4, 5, 6, 7, kUnknown}}) ==
        Approx(std::pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25)));
  CHECK(corpus_bleu({{kUnknown, kUnknown, kUnknown, kUnknown}}, {{kUnknown, kUnknown, kUnknown, kUnknown}}) == 0);
}
