#include "regularizers/batch_norm.h"

#include <functional>
#include <map>

#include "catch.h"
#include "core/error.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;
using Mode = Progress::Mode;

TEST_CASE("training mode normalises and moves the running statistics as torch does") {
  torch::manual_seed(1);
  BatchNorm norm(3, 1e-5, 0.1);
  auto mean = torch::zeros({3}), var = torch::ones({3});
  for (int i = 0; i < 5; ++i) {
    const auto x = torch::randn({16, 3}) * 3 + 2;
    const auto expected = torch::nn::functional::batch_norm(
        x, mean, var, torch::nn::functional::BatchNormFuncOptions().training(true).momentum(0.1).eps(1e-5));
    CHECK(distance(norm->forward(x, Mode::train), expected) < 1e-5);
  }
  CHECK(distance(norm->named_buffers()["running_mean"], mean) < 1e-5);
  CHECK(distance(norm->named_buffers()["running_var"], var) < 1e-4);
  const auto x = torch::randn({4, 3});
  CHECK(distance(norm->forward(x, Mode::eval_running), (x - mean) / (var + 1e-5).sqrt()) < 1e-5);
}

TEST_CASE("evaluation uses the exact moments of the collected rows, whatever the batches") {
  torch::manual_seed(2);
  const auto all = torch::randn({101, 4}) * torch::tensor({0.01F, 1.0F, 10.0F, 100.0F}) + 5;
  BatchNorm norm(4, 1e-5, 0.1);
  norm->forward(torch::randn({8, 4}), Mode::train);
  const auto running = norm->named_buffers()["running_mean"].clone();
  norm->begin_statistics();
  for (const auto& batch : all.split_with_sizes({8, 50, 1, 42})) norm->forward(batch, Mode::collect);
  norm->end_statistics();
  const auto rows = all.to(torch::kDouble);
  const auto expected = (rows - rows.mean(0)) / (rows.var(0, false) + 1e-5).sqrt();
  CHECK(distance(norm->forward(all, Mode::eval), expected) < 1e-3);  // single precision around a mean of 5, sd .01
  CHECK(distance(norm->named_buffers()["population_mean"], rows.mean(0)) < 1e-6);
  CHECK(distance(norm->named_buffers()["population_var"] / rows.var(0, false), torch::ones({4})) < 1e-4);
  CHECK(torch::equal(norm->named_buffers()["running_mean"], running));  // collecting leaves the running ones alone

  SECTION("a new pass starts from nothing") {
    norm->begin_statistics();
    norm->forward(all + 3, Mode::collect);
    norm->end_statistics();
    CHECK(distance(norm->named_buffers()["population_mean"], rows.mean(0) + 3) < 1e-5);
  }
}

TEST_CASE("evaluation before any collection is refused") {
  BatchNorm norm(2, 1e-5, 0.1);
  CHECK_THROWS_AS(norm->forward(torch::randn({4, 2}), Mode::eval), Error);
  LogMeanExpNorm exp_norm(2, 0.1);
  CHECK_THROWS_AS(exp_norm->forward(torch::randn({4, 2}), Mode::eval), Error);
}

TEST_CASE("the second moment of a normalised batch is v / (v + eps)") {
  BatchNorm norm(2, 1.0, 0.1);
  const auto x = matrix({{1, 0}, {3, 0}});  // variances 1 and 0
  CHECK(distance(norm->second_moment(x), torch::tensor({0.5, 0.0})) < 1e-12);
  CHECK(distance(norm->forward(x, Mode::train).square().mean(0), torch::tensor({0.5, 0.0})) < 1e-6);
}

TEST_CASE("the standard deviation is what forward divides by, of the batch with a gradient") {
  BatchNorm norm(2, 1.0, 0.5);
  const auto x = matrix({{1, 0}, {3, 6}}).set_requires_grad(true);  // variances 1 and 9
  CHECK(distance(norm->standard_deviation(x, Mode::train), torch::tensor({2.0, 10.0}).sqrt()) < 1e-6);
  // d sqrt(v + 1) / dx = (x - mean) / (2 sqrt(v + 1))
  norm->standard_deviation(x, Mode::train).sum().backward();
  const double a = 0.5 / std::sqrt(2.0), b = 1.5 / std::sqrt(10.0);
  CHECK(distance(x.grad(), torch::tensor({-a, -b, a, b}).view({2, 2})) < 1e-6);

  CHECK_THROWS_AS(norm->standard_deviation(x, Mode::eval), Error);
  norm->begin_statistics();
  norm->forward(matrix({{1, 0}}), Mode::collect);
  norm->forward(matrix({{3, 3}, {5, 3}}), Mode::collect);  // with it variances 8/3 and 2
  norm->end_statistics();
  CHECK(distance(norm->standard_deviation(x, Mode::eval), torch::tensor({11.0 / 3, 3.0}).sqrt()) < 1e-6);
  // running: half of 1 and half of the unbiased variances 2 and 18
  norm->forward(x, Mode::train);
  CHECK(distance(norm->standard_deviation(x, Mode::eval_running), torch::tensor({2.5, 10.5}).sqrt()) < 1e-6);
}

TEST_CASE("a trained gain is projected to its RMS in training, and is what the gradient is of") {
  ScaledBatchNorm norm(2, 0.5, /*train_gamma=*/true, 1e-5, 0.1);
  auto gain = norm->named_parameters()["gain"];
  CHECK(distance(gain, torch::full({2}, 0.5)) < 1e-7);
  {
    const torch::NoGradGuard no_grad;
    gain.copy_(torch::tensor({3.0F, 4.0F}));  // RMS 5 / sqrt 2
  }
  const auto x = matrix({{1, -2}, {3, 2}});  // normalised: -1, 1
  const auto projected = torch::tensor({0.3F, 0.4F}) * std::sqrt(2.0F);
  // outside training the parameter is left as it is
  CHECK(distance(norm->forward(x, Mode::eval_running).detach(), x * projected) < 1e-4);
  CHECK(distance(norm->least_second_moment(x), projected.square()) < 1e-4);
  CHECK(distance(gain, torch::tensor({3.0F, 4.0F})) == 0.0);
  const auto y = norm->forward(x, Mode::train);
  CHECK(distance(gain, projected) < 1e-6);
  norm->forward(x, Mode::train);  // and again before the backward
  y[1].sum().backward();
  CHECK(distance(gain.grad(), torch::ones({2})) < 1e-4);
}

TEST_CASE("gradients through the statistics of a batch agree with finite differences") {
  torch::manual_seed(4);
  const auto x = torch::randn({5, 3}, torch::kFloat64), weights = torch::randn({5, 3}, torch::kFloat64);
  BatchNorm plain(3, 1e-5, 0.1);
  ScaledBatchNorm scaled(3, 0.7, true, 1e-5, 0.1);
  LogMeanExpNorm exponential(3, 0.1);
  const std::map<std::string, std::function<torch::Tensor(const torch::Tensor&)>> layers = {
      {"plain", [&](const torch::Tensor& at) { return plain->forward(at, Mode::train); }},
      {"deviation", [&](const torch::Tensor& at) { return plain->standard_deviation(at, Mode::train) * at; }},
      {"scaled", [&](const torch::Tensor& at) { return scaled->forward(at, Mode::train); }},
      {"exponential", [&](const torch::Tensor& at) { return exponential->forward(at, Mode::train); }}};
  plain->to(torch::kFloat64);
  scaled->to(torch::kFloat64);
  exponential->to(torch::kFloat64);
  for (const auto& [name, layer] : layers) {
    const auto loss = [&, &forward = layer](const torch::Tensor& at) { return (weights * forward(at)).sum(); };
    const auto at = x.clone().requires_grad_();
    loss(at).backward();
    for (std::int64_t i = 0; i < x.numel(); ++i) {
      auto step = torch::zeros({15}, torch::kFloat64);
      step[i] = 1e-5;
      const auto move = step.view({5, 3});
      CAPTURE(name, i);
      CHECK(at.grad().flatten()[i].item<double>() ==
            Approx((loss(x + move) - loss(x - move)).item<double>() / 2e-5).epsilon(1e-5).margin(1e-7));
    }
  }
}

TEST_CASE("LogMeanExpNorm fixes the mean of the exponential") {
  LogMeanExpNorm norm(1, 0.1);
  // mean(e^0, e^ln 3) = 2
  const auto x = matrix({{0}, {std::log(3.0F)}});
  CHECK(distance(norm->forward(x, Mode::train).exp(), matrix({{0.5}, {1.5}})) < 1e-6);
  // running: .9 * 1 + .1 * 2 = 1.1
  CHECK(distance(norm->forward(x, Mode::eval_running).exp(), matrix({{1 / 1.1F}, {3 / 1.1F}})) < 1e-6);
  norm->begin_statistics();
  norm->forward(x, Mode::collect);
  norm->forward(matrix({{std::log(8.0F)}}), Mode::collect);  // population mean (1 + 3 + 8) / 3 = 4
  norm->end_statistics();
  CHECK(distance(norm->forward(x, Mode::eval).exp(), matrix({{0.25}, {0.75}})) < 1e-6);
  CHECK(torch::isfinite(norm->forward(x + 500, Mode::train)).all().item<bool>());
}
