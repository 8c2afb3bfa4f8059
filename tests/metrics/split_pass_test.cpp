#include "metrics/split_pass.h"

#include <set>

#include "catch.h"
#include "core/error.h"
#include "metrics/metrics_data.h"
#include "models/small_model.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("length batches hold every row once, neighbouring lengths together") {
  const auto split = sentences_of({{4, 4, 4}, {4}, {4, 4}, {4, 4, 4}, {4}});
  CHECK(length_batches(split, 2) == std::vector<std::vector<std::int64_t>>{{1, 4}, {2, 0}, {3}});
  CHECK(length_batches(split, {3, 2, 1}, 2) == std::vector<std::vector<std::int64_t>>{{1, 2}, {3}});
}

TEST_CASE("fixed subsets are nested, ascending and the whole where asked for") {
  const auto ten = fixed_subset(100, 10), thirty = fixed_subset(100, 30);
  REQUIRE(ten.size() == 10);
  CHECK(std::is_sorted(ten.begin(), ten.end()));
  CHECK(std::includes(thirty.begin(), thirty.end(), ten.begin(), ten.end()));
  CHECK(ten != std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(fixed_subset(4, 0) == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(fixed_subset(4, 9).size() == 4);
}

TEST_CASE("a pass puts every sentence's numbers at its row") {
  auto model = small_model(3);
  const auto split = random_sentences(23, 1);
  const EvaluationOptions options{.seed = 5, .batch_size = 4};
  const auto pass = pass_over(model, split, options);
  const EvaluationMode evaluation(*model);
  for (const std::int64_t row : {0, 7, 22}) {
    const auto batch = make_batch(split, {row});
    const auto q = model->posterior(batch, options.progress).for_decoder();
    CHECK(torch::allclose(pass.decoder_posterior.mu[row], q.mu[0], 1e-4, 1e-5));
    CHECK(torch::allclose(pass.decoder_posterior.log_var[row], q.log_var[0], 1e-4, 1e-5));
    CHECK(torch::allclose(pass.kl_dim[row], gaussian_family().kl(q)[0], 1e-4, 1e-4));
    const auto rec = model->reconstruct(batch, pass.z[row].unsqueeze(0), options.progress);
    CHECK(pass.rec[row].item<double>() == Approx(rec.item<double>()).epsilon(1e-4));
    CHECK(pass.tokens[row].item<std::int64_t>() == split.length(row) + 1);
  }
  const auto standardised = (pass.z - pass.decoder_posterior.mu) / (0.5 * pass.decoder_posterior.log_var).exp();
  CHECK(standardised.std().item<double>() == Approx(1.0).margin(0.3));
  CHECK(torch::allclose(encode_over(model, split, options).z, pass.z));
  CHECK(torch::allclose(reconstruct_over(model, split, pass.z, options), pass.rec));
}

TEST_CASE("samples in chunks are samples one by one") {
  auto model = small_model(2);
  const EvaluationMode evaluation(*model);
  const auto batch = make_batch(random_sentences(40, 2), fixed_subset(40, 0));
  const auto z = normal_noise({60, 40, 2}, 1);  // 60 x 40 x 8 words: several chunks
  const auto rec = reconstruct_in_chunks(model, batch, z);
  REQUIRE(rec.sizes() == torch::IntArrayRef({60, 40}));
  for (const std::int64_t s : {0, 31, 59}) {
    CHECK(torch::allclose(rec[s], model->reconstruct(batch, z[s], EvaluationOptions{}.progress), 1e-4, 1e-4));
  }
}

TEST_CASE("evaluation mode restores each module's own mode, and gradients") {
  auto model = small_model(2);
  model->train();
  model->decoder().eval();
  {
    const EvaluationMode evaluation(*model);
    CHECK_FALSE(model->is_training());
    CHECK_FALSE(torch::GradMode::is_enabled());
  }
  CHECK(model->is_training());
  CHECK_FALSE(model->decoder().is_training());
  CHECK(torch::GradMode::is_enabled());
  EvaluationOptions training;
  training.progress.mode = Progress::Mode::train;
  CHECK_THROWS_AS(pass_over(model, random_sentences(5, 1), training), Error);
}
