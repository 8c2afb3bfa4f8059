#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("word_dropout replaces words by <unk> at its rate, in training only") {
  torch::manual_seed(1);
  const auto remedy = make("word_dropout", {{"rate", 0.3}});
  auto tokens = torch::full({100, 200}, 17, torch::kLong);
  tokens[0].fill_(1);
  tokens[99].fill_(0);
  const auto fed = remedy->decoder_input(tokens, at_step(0));
  CHECK(fed.slice(0, 1, 99).eq(3).to(torch::kDouble).mean().item<double>() == Approx(0.3).margin(0.01));
  CHECK((fed.eq(3) | fed.eq(tokens)).all().item<bool>());
  CHECK(torch::equal(fed[0], tokens[0]));
  CHECK(torch::equal(fed[99], tokens[99]));
  CHECK(torch::equal(remedy->decoder_input(tokens, at_step(0, Progress::Mode::eval)), tokens));
  CHECK(make("word_dropout", {{"rate", 1.0}})
            ->decoder_input(tokens, at_step(0))
            .slice(0, 1, 99)
            .eq(3)
            .all()
            .item<bool>());
}
