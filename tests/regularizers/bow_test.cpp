#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("bow is the cross-entropy of every word given z alone, padding left out") {
  const auto remedy = make("bow", {{"weight", 0.5}});
  LossTerms terms;
  terms.z = matrix({{0.5F, -1}, {2, 0.25F}});
  terms.x = torch::tensor({{1, 1}, {4, 5}, {5, 2}, {2, 0}});  // <s> 4 5 </s>, <s> 5 </s> <pad>
  const torch::NoGradGuard no_grad;
  auto parameters = remedy->named_parameters();
  const auto hidden = torch::sigmoid(terms.z.matmul(parameters["hidden.weight"].t()) + parameters["hidden.bias"]);
  const auto logits = hidden.matmul(parameters["words.weight"].t()) + parameters["words.bias"];
  const auto p = logits.exp() / logits.exp().sum(1, true);
  double sum = 0;
  for (const auto& [row, word] : {std::pair{0, 4}, {0, 5}, {0, 2}, {1, 5}, {1, 2}})
    sum -= std::log(p[row][word].item<double>());
  CHECK(remedy->extra_loss(terms, at_step(0)).item<double>() == Approx(0.5 * sum / 2));
  const auto averaged = make("bow", {{"mean_of_words", true}});
  const auto whole = make("bow", {});
  for (auto& parameter : averaged->named_parameters())
    whole->named_parameters()[parameter.key()].copy_(parameter.value());
  CHECK(averaged->extra_loss(terms, at_step(0)).item<double>() * 3 ==
        Approx(whole->extra_loss(terms, at_step(0)).item<double>()));
}
