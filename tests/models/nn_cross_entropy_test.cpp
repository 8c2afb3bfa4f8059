#include <cmath>

#include "catch.h"
#include "core/cpu_precision.h"
#include "models/nn/linear_cross_entropy.h"
#include "nn_support.h"

using namespace klbench;
using torch::Tensor;
namespace F = torch::nn::functional;

namespace {

struct LossCase {
  nn::LinearCrossEntropy layer;
  Tensor h, targets;

  LossCase(std::int64_t steps, std::int64_t batch, std::int64_t input, std::int64_t vocabulary, double padding = 0.3)
      : layer(input, vocabulary),
        h(torch::randn({steps, batch, input}).requires_grad_()),
        targets(torch::randint(1, vocabulary, {steps, batch}, torch::kLong)) {
    targets.masked_fill_(torch::rand({steps, batch}) < padding, 0);
  }
  std::vector<Tensor> leaves() { return {h, layer->weight}; }

  /// Loss and gradients under upstream gradients `weight`, [T, B] or broadcast.
  std::vector<Tensor> run(const Tensor& weight) {
    const auto loss = layer->forward(h, targets);
    (loss * weight).sum().backward();
    auto result = nn::take_gradients(leaves());
    result.insert(result.begin(), loss.detach());
    return result;
  }

  /// The same by torch's linear and cross_entropy.
  std::vector<Tensor> oracle(const Tensor& weight) {
    const auto logits = F::linear(h, layer->weight).flatten(0, 1);
    const auto loss = F::cross_entropy(logits, targets.flatten(),
                                       F::CrossEntropyFuncOptions().reduction(torch::kNone).ignore_index(0))
                          .view_as(targets);
    (loss * weight).sum().backward();
    auto result = nn::take_gradients(leaves());
    result.insert(result.begin(), loss.detach());
    return result;
  }
};

void check_close(const std::vector<Tensor>& a, const std::vector<Tensor>& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("loss, h, weight: " << i);
    CHECK(nn::distance(a[i], b[i]) < tolerance);
  }
}

}  // namespace

TEST_CASE("cross-entropy by hand", "[nn]") {
  nn::LinearCrossEntropy layer(2, 3);
  const torch::NoGradGuard no_grad;
  layer->weight.copy_(torch::tensor({{0.0F, 0.0F}, {1.0F, 0.0F}, {0.0F, 2.0F}}));
  const auto h = torch::tensor({1.0F, 0.5F}).view({1, 1, 2});
  const auto loss = layer->forward(h, torch::full({1, 1}, 2, torch::kLong));
  CHECK(loss.item<double>() == Approx(std::log(1 + 2 * std::exp(1.0)) - 1).epsilon(1e-6));
  CHECK(layer->logits(h).flatten()[2].item<double>() == Approx(1.0));
}

TEST_CASE("fused cross-entropy has torch's losses and gradients", "[nn]") {
  const nn::ChoicesGuard guard;
  for (const auto backend : {nn::Backend::onednn, nn::Backend::blas}) {
    nn::set_f32_backend(backend);
    for (const auto& [steps, batch, input, vocabulary] :
         std::vector<std::array<std::int64_t, 4>>{{1, 1, 1, 2}, {5, 7, 19, 37}, {3, 4, 16, 64}, {2, 33, 24, 1001}}) {
      INFO("vocabulary " << vocabulary);
      torch::manual_seed(1);
      LossCase c(steps, batch, input, vocabulary, vocabulary > 2 ? 0.3 : 0);
      const auto mean = torch::full({}, 1.0 / static_cast<double>(batch));
      check_close(c.run(mean), c.oracle(mean), 1e-5);
      const auto by_row = torch::randn({steps, batch});
      check_close(c.run(by_row), c.oracle(by_row), 1e-5);
    }
  }
}

TEST_CASE("several chunks of rows make the same loss and gradients", "[nn]") {
  torch::manual_seed(2);
  LossCase c(9, 21, 10, 80001, 0.2);  // 32 MB of logits are 96 rows of this vocabulary
  check_close(c.run(torch::ones({})), c.oracle(torch::ones({})), 1e-5);
  const auto by_row = torch::rand({9, 21});
  check_close(c.run(by_row), c.oracle(by_row), 1e-5);
}

TEST_CASE("padding has loss and gradient 0, also where nothing else is", "[nn]") {
  torch::manual_seed(3);
  LossCase c(4, 3, 8, 30, 0.5);
  const auto result = c.run(torch::ones({}));
  const auto padded = c.targets == 0;
  REQUIRE(padded.any().item<bool>());
  CHECK(result[0].masked_select(padded).abs().sum().item<double>() == 0);
  CHECK(result[1].abs().sum(2).masked_select(padded).sum().item<double>() == 0);
  c.targets.zero_();
  for (const auto& tensor : c.run(torch::ones({}))) CHECK(tensor.abs().sum().item<double>() == 0);
}

TEST_CASE("a sure prediction keeps its small gradient", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(4);
  LossCase c(2, 5, 8, 50, 0);
  {
    const torch::NoGradGuard no_grad;
    c.h.copy_(c.layer->weight.index_select(0, c.targets.flatten()).view_as(c.h) * 60);
  }
  check_close(c.run(torch::ones({})), c.oracle(torch::ones({})), 1e-4);
}

TEST_CASE("a graph through the output layer may be walked twice", "[nn]") {
  torch::manual_seed(5);
  LossCase c(3, 4, 8, 30);
  const auto loss = c.layer->forward(c.h, c.targets).mean();
  loss.backward({}, /*retain_graph=*/true);
  const auto first = nn::take_gradients(c.leaves());
  loss.backward();
  check_close(nn::take_gradients(c.leaves()), first, 1e-6);
}

TEST_CASE("frozen weights and inputs get no gradient", "[nn]") {
  torch::manual_seed(6);
  LossCase c(3, 4, 8, 30);
  const auto full = c.run(torch::ones({}));
  c.layer->weight.requires_grad_(false);
  const auto part = c.run(torch::ones({}));
  CHECK(torch::equal(part[1], full[1]));
  CHECK(part[2].abs().sum().item<double>() == 0);
  c.h.requires_grad_(false);
  CHECK_FALSE(c.layer->forward(c.h, c.targets).requires_grad());
}

TEST_CASE("losses without gradient agree with those with it, sample by sample too", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(7);
  LossCase c(5, 3, 12, 100);
  const auto expected = c.layer->forward(c.h, c.targets).detach();
  const torch::NoGradGuard no_grad;
  CHECK(nn::distance(c.layer->forward(c.h, c.targets), expected) < 1e-6);
  const auto samples = torch::randn({5, 4 * 3, 12});
  const auto alone = c.layer->forward(samples, c.targets.repeat({1, 4}));
  CHECK(nn::distance(c.layer->token_nll(samples, c.targets), alone) < 1e-6);
  nn::set_fused(false);
  CHECK(nn::distance(c.layer->token_nll(samples, c.targets), alone) < 1e-6);
}

TEST_CASE("a chunk at a time the loss and its gradients are those of all logits at once", "[nn]") {
  torch::manual_seed(9);
  LossCase c(3, 5, 6, 11);
  c.layer->to(torch::kDouble);
  c.h = torch::randn({3, 5, 6}, torch::kDouble).requires_grad_();
  const auto upstream = torch::rand({3, 5}, torch::kDouble);
  const auto expected = c.oracle(upstream);
  for (const std::int64_t chunk : {4, 15, 100}) {
    const auto loss = nn::cross_entropy_chunked(c.h.flatten(0, 1), c.layer->weight, c.targets.flatten(), chunk);
    (loss.view({3, 5}) * upstream).sum().backward();
    auto found = nn::take_gradients(c.leaves());
    found.insert(found.begin(), loss.detach().view({3, 5}));
    check_close(found, expected, 1e-12);
  }
}

// LibTorch 1.13 makes the sums in bf16, too, on the CPU: 2.7e-2 in the gradient of h, a sum over 501 words.
TEST_CASE("a chunk at a time in bf16, as on a card, loss and gradients are within 4e-2 of f32 and stay f32", "[nn]") {
  const nn::ChoicesGuard guard;
  nn::set_fused(false);
  torch::manual_seed(9);
  LossCase c(7, 9, 37, 501);
  const auto upstream = torch::rand({7, 9});
  const auto run = [&](std::int64_t chunk) {
    const auto loss = nn::cross_entropy_chunked(c.h.flatten(0, 1), c.layer->weight, c.targets.flatten(), chunk);
    (loss.view({7, 9}) * upstream).sum().backward();
    auto found = nn::take_gradients(c.leaves());
    found.insert(found.begin(), loss.detach().view({7, 9}));
    return found;
  };
  const auto f32 = c.oracle(upstream);
  nn::set_precision("bf16");
  for (const std::int64_t chunk : {20, 100}) {
    const auto bf16 = run(chunk);
    check_close(bf16, f32, 4e-2);
    CHECK_FALSE(torch::equal(bf16[0], f32[0]));
    for (const auto& tensor : bf16) CHECK(tensor.scalar_type() == torch::kFloat);
  }
  nn::set_precision("f32");
  check_close(run(20), f32, 1e-5);
}

TEST_CASE("not-a-number reaches the loss, and a target outside the vocabulary is refused", "[nn]") {
  LossCase c(2, 2, 4, 10, 0);
  const torch::NoGradGuard no_grad;
  c.targets[0][0] = 10;
  CHECK_THROWS_AS(c.layer->forward(c.h, c.targets), c10::Error);
  c.targets[0][0] = 9;
  c.h[0][0][0] = std::nan("");
  CHECK(std::isnan(c.layer->forward(c.h, c.targets)[0][0].item<double>()));
}

TEST_CASE("bf16 products keep the output layer's gradients within 1e-2", "[nn]") {
  const nn::ChoicesGuard guard;
  if (!cpu_has_avx512()) return;
  torch::manual_seed(8);
  LossCase c(7, 9, 37, 501);
  const auto upstream = torch::rand({7, 9});
  const auto mean = torch::full({}, 1.0 / 9);
  const auto f32 = c.oracle(mean), f32_by_row = c.oracle(upstream);
  nn::set_precision("bf16");
  const auto before = nn::products(nn::Backend::onednn_bf16);
  check_close(c.run(mean), f32, 1e-2);
  check_close(c.run(upstream), f32_by_row, 1e-2);
  CHECK(nn::products(nn::Backend::onednn_bf16) > before);
}
