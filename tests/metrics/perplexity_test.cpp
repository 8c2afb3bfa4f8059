#include "metrics/perplexity.h"

#include <cmath>

#include "catch.h"

using namespace klbench;

TEST_CASE("perplexity is per token over all sentences, not a mean of sentences") {
  const auto nll = torch::tensor({2 * std::log(4.0), 8 * std::log(2.0)}, torch::kFloat64);
  const auto tokens = torch::tensor(std::vector<std::int64_t>{2, 8});
  CHECK(perplexity(nll, tokens) == Approx(std::exp((2 * std::log(4.0) + 8 * std::log(2.0)) / 10)));
}

TEST_CASE("rate used is mean nll minus mean rec") {
  const auto nll = torch::tensor({10.0, 14.0}, torch::kFloat64);
  const auto used = rate_used(nll, torch::tensor({9.0F, 11.0F}));  // 1 and 3
  CHECK(used.value == Approx(2.0));
  CHECK(used.error == Approx(1.0));
}
