#include "metrics/generation.h"

#include <cmath>

#include "catch.h"
#include "metrics/metric.h"
#include "metrics/metrics_data.h"
#include "models/small_model.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("distinct-n counts runs of words over all sentences") {
  const std::vector<std::vector<std::int32_t>> lines = {{4, 5, 4, 5}, {4, 5, 6}};
  CHECK(distinct_ngrams(lines, 1).value == Approx(3.0 / 7));
  CHECK(distinct_ngrams(lines, 2).value == Approx(3.0 / 5));  // 45 54 56 of 45 54 45 45 56
  CHECK(std::isnan(distinct_ngrams({{4}}, 2).value));
}

TEST_CASE("the error of distinct-n is the jackknife's") {
  const std::vector<std::vector<std::int32_t>> lines = {{4, 5, 4, 5}, {4, 5, 6}, {7, 7, 8}};
  // Without one: 456 78 of 6 words, 45 78 of 7, 456 of 7.
  CHECK(distinct_ngrams(lines, 1).error == Approx(jackknife(0, {5.0 / 6, 4.0 / 7, 3.0 / 7}).error));
}

TEST_CASE("self-BLEU by hand") {
  CHECK(self_bleu({{4, 5, 6, 7, 8}, {4, 5, 6, 7, 8}, {4, 5, 6, 7, 8}}).value == Approx(1));
  CHECK(std::isnan(self_bleu({{4, 5}}).value));
  // First: words 4 5 6 7 of which 4 5 6 stand in the other: 3/4; pairs 2/3; triples 1/2; fours none: .1/1.
  // Second: 3/5, 2/4, 1/3, .1/2; lengths 4 and 5: the first pays exp(1 - 5/4).
  const double first = std::exp(-0.25) * std::pow(3.0 / 4 * 2 / 3 * 1 / 2 * 0.1, 0.25);
  const double second = std::pow(3.0 / 5 * 2 / 4 * 1 / 3 * 0.05, 0.25);
  CHECK(self_bleu({{4, 5, 6, 7}, {9, 4, 5, 6, 8}}).value == Approx((first + second) / 2));
  CHECK(self_bleu({{4, 5, 6, 7}, {9, 4, 5, 6, 8}}).error == Approx(std::abs(first - second) / 2));
  // Repeats are clipped to what another sentence has: 4 4 4 4 beside 4 5: 1/4, .1/3, .1/2, .1/1; the other 1/2, .1, .1
  // of one, .1 of one, and exp(1 - 4/2).
  const double repeats = std::pow(0.25 * (0.1 / 3) * (0.1 / 2) * 0.1, 0.25);
  const double pair = std::exp(1 - 2.0) * std::pow(0.5 * 0.1 * 0.1 * 0.1, 0.25);
  CHECK(self_bleu({{4, 4, 4, 4}, {4, 5}}).value == Approx((repeats + pair) / 2));
}

TEST_CASE("an evaluation of generation is a function of the model, and leaves torch's random state alone") {
  auto model = small_model(3);
  TextCorpus corpus;
  for (std::size_t i = 0; i < static_cast<std::size_t>(kVocabulary); ++i) corpus.words.push_back(std::to_string(i));
  corpus.train = random_sentences(80, 1);
  corpus.test = random_sentences(20, 2);
  torch::manual_seed(1);
  const auto next = torch::randn({1}).item<float>();
  torch::manual_seed(1);
  const auto measured = [&] {
    const auto& sentences = MetricRegistry::instance().find("distinct_1");
    return sentences.measure_all({model, corpus.test, {}, {.seed = 3}, {}, &corpus});
  };
  const auto first = measured();
  CHECK(torch::randn({1}).item<float>() == next);
  REQUIRE(first.size() == 5);
  const auto second = measured();
  for (const auto& [name, metric] : first) {
    INFO(name);
    CHECK(std::isfinite(metric.values.at(0)));
    CHECK(metric.values == second.at(name).values);
    CHECK(std::get<double>(metric.attributes.at("error")) > 0);
  }
  CHECK(first.at("reverse_ppl").values[0] > 1);
  // A decoder that knows nothing writes every word as often: so many words to choose from.
  {
    const torch::NoGradGuard no_grad;
    model->named_parameters()["decoder.output.weight"].zero_();
  }
  const auto uniform = measured();
  CHECK(uniform.at("forward_ppl").values[0] > kVocabulary / 2);
  CHECK(uniform.at("self_bleu").values[0] < 0.3);
}
