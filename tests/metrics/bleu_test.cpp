#include "metrics/bleu.h"

#include <cmath>

#include "catch.h"
#include "core/error.h"
#include "data/dataset.h"

using namespace klbench;

TEST_CASE("BLEU of equal sentences is 1") {
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}, {16, 17, 18, 19}}, {{11, 12, 13, 14, 15}, {16, 17, 18, 19}}).value ==
        Approx(1.0));
}

TEST_CASE("BLEU by hand: clipped precisions") {
  // Hypothesis 11 12 13 14 15 19 against 11 12 13 14 15 16: p = 5/6, 4/5, 3/4, 2/3, equal lengths.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15, 19}}, {{11, 12, 13, 14, 15, 16}}).value ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
  // A word counts at most as often as in the reference: p = 5/6, 4/5, 3/4, 2/3 here too, from 11 11 12 13 14 15.
  CHECK(corpus_bleu({{11, 11, 12, 13, 14, 15}}, {{11, 12, 13, 14, 15, 16}}).value ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU's brevity penalty") {  // all n-grams match; 5 words of 8
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}}, {{11, 12, 13, 14, 15, 16, 17, 18}}).value == Approx(std::exp(1 - 8.0 / 5)));
  // Longer hypotheses are punished by precision alone: p = 5/6, 4/5, 3/4, 2/3.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15, 16}}, {{11, 12, 13, 14, 15}}).value ==
        Approx(std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU counts over the corpus, not by sentence") {
  // Matches 5+0, 4+0, 3+0, 2+0 of 5+2, 4+1, 3+0, 2+0.
  CHECK(corpus_bleu({{11, 12, 13, 14, 15}, {18, 19}}, {{11, 12, 13, 14, 15}, {16, 17}}).value ==
        Approx(std::pow(5.0 / 7 * 4 / 5, 0.25)));
}

TEST_CASE("the error of BLEU is the jackknife's") {
  const std::vector<std::vector<std::int32_t>> written = {{11, 12, 13, 14, 15}, {18, 19, 20, 21}, {16, 17, 18, 19, 22}};
  const std::vector<std::vector<std::int32_t>> wanted = {{11, 12, 13, 14, 16, 17}, {18, 19, 20, 21}, {16, 17, 18, 19}};
  std::vector<double> without;
  for (std::size_t left_out = 0; left_out < written.size(); ++left_out) {
    auto hypotheses = written, references = wanted;
    hypotheses.erase(hypotheses.begin() + static_cast<std::ptrdiff_t>(left_out));
    references.erase(references.begin() + static_cast<std::ptrdiff_t>(left_out));
    without.push_back(corpus_bleu(hypotheses, references).value);
  }
  CHECK(corpus_bleu(written, wanted).error == Approx(jackknife(0, without).error));
}

TEST_CASE("BLEU without a common 4-gram is 0") {
  CHECK(corpus_bleu({{11, 12, 13, 19, 14}}, {{11, 12, 13, 14, 15}}).value == 0);
  CHECK(corpus_bleu({{}}, {{11, 12}}).value == 0);
  CHECK_THROWS_AS(corpus_bleu({{11}}, {}), Error);
}

TEST_CASE("<unk> matches nothing, not even itself") {
  // 4 5 6 7 <unk> against itself: p = 4/5, 3/4, 2/3, 1/2.
  CHECK(corpus_bleu({{4, 5, 6, 7, kUnknown}}, {{4, 5, 6, 7, kUnknown}}).value ==
        Approx(std::pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25)));
  CHECK(corpus_bleu({{kUnknown, kUnknown, kUnknown, kUnknown}}, {{kUnknown, kUnknown, kUnknown, kUnknown}}).value == 0);
}
