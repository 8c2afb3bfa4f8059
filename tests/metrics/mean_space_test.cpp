#include "metrics/mean_space.h"

#include "catch.h"
#include "core/error.h"
#include "metrics/metrics_data.h"
#include "models/small_model.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("the model posterior mean agrees with importance sampling from the prior") {
  auto model = small_model(1, "vae", 6);
  const EvaluationMode evaluation(*model);
  const auto batch = make_batch(random_sentences(6, 1), fixed_subset(6, 0));
  const auto mean = model_posterior_mean(model, batch);
  const auto z = normal_noise({20000, 1, 1}, 2);
  const auto log_p = -reconstruct_in_chunks(model, batch, z.expand({20000, 6, 1})).to(torch::kFloat64);
  const auto expected = (torch::softmax(log_p, 0) * z.squeeze(2)).sum(0);
  CHECK(torch::allclose(mean, expected, 0, 0.03));
  CHECK(mean.abs().max().item<double>() > 0.1);
}

TEST_CASE("a decoder that ignores z leaves the prior's mean") {
  auto model = small_model(1);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->decoder().parameters()) parameter.zero_();
  const auto split = random_sentences(20, 3);
  const auto pairs = mean_space(model, split, 8, {});
  REQUIRE(pairs.sizes() == torch::IntArrayRef({8, 2}));
  CHECK(pairs.select(1, 0).abs().max().item<double>() < 1e-6);
  CHECK(pairs.select(1, 1).abs().max().item<double>() > 1e-3);
}

TEST_CASE("mean space wants one dimension") {
  auto model = small_model(2);
  CHECK_THROWS_AS(mean_space(model, random_sentences(5, 1), 5, {}), Error);
}

TEST_CASE("the moments of the mean space are first, last and two between them") {
  const auto moments = [](std::int64_t count) {
    std::vector<std::int64_t> found;
    for (std::int64_t number = 1; number <= count; ++number) {
      if (is_mean_space_moment(number, count)) found.push_back(number);
    }
    return found;
  };
  CHECK(moments(12) == std::vector<std::int64_t>{1, 4, 8, 12});
  CHECK(moments(2) == std::vector<std::int64_t>{1, 2});
  CHECK(moments(1) == std::vector<std::int64_t>{1});
}
