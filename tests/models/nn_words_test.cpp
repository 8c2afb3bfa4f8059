#include <cmath>

#include "catch.h"
#include "models/nn/dropout.h"
#include "models/nn/embedding.h"
#include "nn_support.h"

using namespace klbench;

TEST_CASE("dropout drops at its rate, scales the rest, and the gradient has the same mask", "[nn]") {
  const nn::ChoicesGuard guard;
  for (const bool fused : {true, false}) {
    nn::set_fused(fused);
    for (const double rate : {0.1, 0.5, 0.9}) {
      torch::manual_seed(1);
      nn::Dropout dropout(rate);
      const auto x = torch::full({401, 257}, 3.0F).requires_grad_();
      const auto y = dropout->forward(x);
      const auto n = static_cast<double>(x.numel());
      const double kept = y.ne(0).sum().item<double>() / n;
      CHECK(std::abs(kept - (1 - rate)) < 5 * std::sqrt(rate * (1 - rate) / n));
      CHECK(y.max().item<double>() == Approx(3 / (1 - rate)));
      y.sum().backward();
      CHECK(torch::allclose(x.grad(), y.detach() / 3));
      // Neighbours and rows are independent: pairs are kept together with the square of the probability.
      const auto mask = y.detach().ne(0).to(torch::kDouble);
      for (const auto& [a, b] :
           {std::pair(mask.slice(1, 0, 256), mask.slice(1, 1)), std::pair(mask.slice(0, 0, 400), mask.slice(0, 1))})
        CHECK(std::abs((a * b).mean().item<double>() - kept * kept) < 0.01);
    }
  }
}

TEST_CASE("dropout masks follow torch's generator", "[nn]") {
  nn::Dropout dropout(0.5);
  const auto x = torch::ones({33, 19});
  torch::manual_seed(2);
  const auto first = dropout->forward(x), second = dropout->forward(x);
  torch::manual_seed(2);
  CHECK(torch::equal(dropout->forward(x), first));
  CHECK(torch::equal(dropout->forward(x), second));
  CHECK_FALSE(torch::equal(first, second));
}

TEST_CASE("dropout is the identity in evaluation and at rate 0", "[nn]") {
  nn::Dropout dropout(0.5), none(0.0);
  const auto x = torch::randn({5, 7});
  CHECK(torch::equal(none->forward(x), x));
  dropout->eval();
  CHECK(torch::equal(dropout->forward(x), x));
}

TEST_CASE("embeddings are looked up, and their sparse gradient is the dense one", "[nn]") {
  const nn::ChoicesGuard guard;
  nn::Embedding table(11, 5);
  const auto words = torch::tensor({{3, 1}, {3, 10}}, torch::kLong);
  const auto weight = torch::randn({2, 2, 5});
  std::vector<torch::Tensor> gradients;
  for (const bool fused : {true, false}) {
    nn::set_fused(fused);
    const auto found = table->forward(words);
    CHECK(torch::equal(found[1][1], table->weight[10]));
    (found * weight).sum().backward();
    REQUIRE(table->weight.grad().is_sparse() == fused);
    gradients.push_back(fused ? table->weight.grad().to_dense() : table->weight.grad());
    table->weight.mutable_grad().reset();
  }
  CHECK(torch::allclose(gradients[0], gradients[1]));
  CHECK(table->parameters().size() == 1);
}
